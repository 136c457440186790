import type { List } from '@taskwire/client'
import { expect, test } from 'vitest'
import { formatDay } from '../tasks/words.ts'
import { describeValue } from './describe-value.ts'

const at = '2026-11-22T09:30:00.000Z'
const home: List = { id: 'home', name: 'Home', position: 'a', revision: 1, createdAt: at, updatedAt: at }
const here = { lists: [home], today: '2026-11-22', timeZone: 'Europe/Berlin' }

test.each<[field: string, value: unknown, text: string]>([
  ['listId', 'home', 'Home'],
  ['listId', null, 'Inbox'],
  ['listId', 'gone', 'A list that was deleted'],
  ['tags', ['errand', 'phone'], '@errand @phone'],
  ['tags', [], 'None'],
  ['due', null, 'Not due'],
  ['description', null, 'Empty'],
  ['description', 'two pints', 'two pints'],
  ['priority', 'urgent', 'Urgent'],
  ['complete', false, 'No'],
])('%s %j is shown as %s', (field, value, text) => {
  expect(describeValue(field, value, here)).toBe(text)
})

test('a due is shown with its time', () => {
  const due = { date: '2026-12-04', time: '09:00', timeZone: 'Europe/Berlin' }
  expect(describeValue('due', due, here)).toBe(`${formatDay('2026-12-04')}, 09:00`)
  expect(describeValue('due', { date: '2026-12-04' }, here)).toBe(formatDay('2026-12-04'))
})

test('a due is shown with its year and its zone if they are not those of the reader', () => {
  expect(describeValue('due', { date: '2027-12-04' }, here)).toContain('2027')
  const due = { date: '2026-12-04', time: '09:00', timeZone: 'America/New_York' }
  expect(describeValue('due', due, here)).toBe(`${formatDay('2026-12-04')}, 09:00 (America/New York)`)
})
