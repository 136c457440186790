import { expect, test } from 'vitest'
import { optionName, textRow } from './text-fields.ts'

test('the option of a field has dashes', () => {
  expect(optionName('place')).toBe('place')
  expect(optionName('meetingPlace')).toBe('meeting-place')
})

test('a row is one line', () => {
  expect(textRow('meetingPlace', 'Main Street 5\r\nback  yard\u2028\n')).toEqual([
    'Meeting place',
    'Main Street 5 back  yard ',
  ])
  expect(textRow('place', null)).toEqual(['Place', ''])
})
