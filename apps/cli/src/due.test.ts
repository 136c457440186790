import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { dateIn, formatDue, formatTime, nearness, needsZone, parseWhen, toBound, toDue } from './due.ts'

const NOW = new Date('2026-11-22T23:30:00Z')

describe('parseWhen', () => {
  test.each([
    ['2026-11-22', { day: '2026-11-22', time: null }],
    ['2028-02-29', { day: '2028-02-29', time: null }],
    ['today', { day: 'today', time: null }],
    ['Tomorrow', { day: 'tomorrow', time: null }],
    ['2026-11-22 09:30', { day: '2026-11-22', time: '09:30' }],
    ['2026-11-22T09:30', { day: '2026-11-22', time: '09:30' }],
    [' today  9:05 ', { day: 'today', time: '09:05' }],
  ])('%j', (text, expected) => {
    expect(parseWhen(text)).toEqual(expected)
  })

  test.each([
    '',
    'soon',
    '22.11.2026',
    '2026-1-2',
    '2026-02-29',
    '2026-13-01',
    '0000-01-01',
    '2026-11-22 24:00',
    'today 9',
    '2026-11-22 09:30:00',
    'today 10:60',
  ])('%j is refused with a message', (text) => {
    expect(() => parseWhen(text)).toThrow(InvalidArgumentError)
  })
})

test('only a date without a time needs no zone', () => {
  expect(['2026-11-22', 'today', '2026-11-22 10:00'].map((text) => needsZone(parseWhen(text)))).toEqual([
    false,
    true,
    true,
  ])
})

describe('toDue', () => {
  test.each([
    ['today', 'UTC', { date: '2026-11-22' }],
    ['today', 'Asia/Tokyo', { date: '2026-11-23' }],
    ['tomorrow', 'Asia/Tokyo', { date: '2026-11-24' }],
    ['today', 'America/New_York', { date: '2026-11-22' }],
    ['tomorrow 18:00', 'Europe/Berlin', { date: '2026-11-24', time: '18:00', timeZone: 'Europe/Berlin' }],
    ['2027-01-02 03:04', 'Europe/Berlin', { date: '2027-01-02', time: '03:04', timeZone: 'Europe/Berlin' }],
    ['2027-01-02', 'Europe/Berlin', { date: '2027-01-02' }],
  ])('%j in %s', (text, zone, expected) => {
    expect(toDue(parseWhen(text), zone, NOW)).toEqual(expected)
  })

  test('tomorrow on the last day of a year is in the next year', () => {
    expect(toDue(parseWhen('tomorrow'), 'UTC', new Date('2026-12-31T12:00:00Z'))).toEqual({ date: '2027-01-01' })
  })
})

test('a bound is a date, or an instant in the zone', () => {
  expect(toBound(parseWhen('tomorrow'), 'UTC', NOW)).toBe('2026-11-23')
  expect(toBound(parseWhen('2026-11-22 09:30'), 'Europe/Berlin', NOW)).toBe('2026-11-22T08:30:00.000Z')
  // Daylight saving skips this time: it moves forward by the gap.
  expect(toBound(parseWhen('2026-03-29 02:30'), 'Europe/Berlin', NOW)).toBe('2026-03-29T01:30:00.000Z')
})

test('a due date names its zone unless it is the user’s own', () => {
  const due = { date: '2026-11-22', time: '09:30', timeZone: 'Europe/Berlin' }
  expect(formatDue(due, 'Europe/Berlin')).toBe('2026-11-22 09:30')
  expect(formatDue(due, 'UTC')).toBe('2026-11-22 09:30 Europe/Berlin')
  expect(formatDue(due, undefined)).toBe('2026-11-22 09:30 Europe/Berlin')
  expect(formatDue({ date: '2026-11-22' }, undefined)).toBe('2026-11-22')
  expect(formatDue(null, undefined)).toBe('')
})

test('instants are shown in the local time of a zone', () => {
  expect(formatTime('2026-11-22T23:30:00.000Z', 'Asia/Tokyo')).toBe('2026-11-23 08:30')
  expect(formatTime('2026-11-22T00:00:00.000Z', 'UTC')).toBe('2026-11-22 00:00')
  expect(dateIn(new Date('0999-12-31T12:00:00Z'), 'UTC')).toBe('0999-12-31')
})

describe('nearness', () => {
  const timed = (date: string, time: string, timeZone: string) => ({ date, time, timeZone })
  test.each([
    [null, 'UTC', 'none'],
    [{ date: '2026-11-21' }, 'UTC', 'overdue'],
    [{ date: '2026-11-22' }, 'UTC', 'today'],
    [{ date: '2026-11-22' }, 'Asia/Tokyo', 'overdue'],
    [{ date: '2026-11-23' }, 'UTC', 'later'],
    [timed('2026-11-22', '23:29', 'UTC'), 'UTC', 'overdue'],
    [timed('2026-11-22', '23:31', 'UTC'), 'UTC', 'today'],
    [timed('2026-11-22', '19:00', 'America/New_York'), 'UTC', 'later'],
  ] as const)('%j in %s is %s', (due, zone, expected) => {
    expect(nearness(due, zone, NOW)).toBe(expected)
  })
})
