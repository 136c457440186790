import { describe, expect, test } from 'vitest'
import { readDateWords } from './date-words.ts'
import { ACCOUNT } from './testing/fixtures.ts'

/** `2026-05-02 09:00`, or the date alone. */
function read(text: string, account = ACCOUNT): string | null {
  const found = readDateWords(text, account)
  return found === null ? null : [found.date, ...(found.time === null ? [] : [found.time])].join(' ')
}

// ACCOUNT.now is Friday 2026-05-01, 11:00.
test.each([
  ['today', '2026-05-01'],
  ['Tod', '2026-05-01'],
  ['tomorrow', '2026-05-02'],
  ['yesterday', '2026-04-30'],
  ['mon', '2026-05-04'],
  ['Friday', '2026-05-08'],
  ['this sat', '2026-05-02'],
  ['next mon', '2026-05-04'],
  ['next Friday', '2026-05-08'],
  ['next week', '2026-05-04'],
  ['this weekend', '2026-05-02'],
  ['next weekend', '2026-05-09'],
  ['next month', '2026-06-01'],
  ['end of month', '2026-05-31'],
  ['mid January', '2027-01-15'],
  ['in 3 days', '2026-05-04'],
  ['+5 days', '2026-05-06'],
  ['2 weeks', '2026-05-15'],
  ['in a month', '2026-06-01'],
  ['5 Dec', '2026-12-05'],
  ['Dec 5', '2026-12-05'],
  ['5th of December 2027', '2027-12-05'],
  ['Sat, 5 December 2026', '2026-12-05'],
  ['September 7th', '2026-09-07'],
  ['jan 27', '2027-01-27'],
  ['27th', '2026-05-27'],
  ['27/1/2027', '2027-01-27'],
  ['01/27/2027', '2027-01-27'],
  ['today 9am', '2026-05-01 09:00'],
  ['tomorrow at 16:00', '2026-05-02 16:00'],
  ['Fri @ 7pm', '2026-05-08 19:00'],
  ['5 Dec 12:30 am', '2026-12-05 00:30'],
  ['today at 10', '2026-05-01 10:00'],
  ['9am tomorrow', '2026-05-02 09:00'],
  ['tomorrow noon', '2026-05-02 12:00'],
  ['6pm', '2026-05-01 18:00'],
  ['10am', '2026-05-02 10:00'],
])('%s is %s', (text, date) => {
  expect(read(text)).toBe(date)
})

test.each([
  '',
  'some day',
  'every day',
  '31 Feb 2027',
  '03/04/2027',
  'today 25:00',
  'tomorrow at 13pm',
  '40th',
  'monday tuesday',
  'x'.repeat(100),
])('%j is not a date', (text) => {
  expect(read(text)).toBeNull()
})

describe('today depends on the time zone', () => {
  test.each([
    ['Pacific/Kiritimati', '2026-05-02'],
    ['Pacific/Pago_Pago', '2026-05-01'],
  ])('%s', (timeZone, date) => {
    expect(read('today', { ...ACCOUNT, timeZone })).toBe(date)
  })

  test('and so does the current month', () => {
    const now = new Date('2026-01-31T12:00:00Z')
    expect(read('in 1 month', { timeZone: 'UTC', now })).toBe('2026-02-28')
    expect(read('next month', { timeZone: 'Pacific/Kiritimati', now })).toBe('2026-03-01')
  })
})
