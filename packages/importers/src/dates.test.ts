import { describe, expect, test } from 'vitest'
import { dueOrDateAt, instantOf, isDate, readStamp } from './dates.ts'

test.each([
  ['2024-02-29', true],
  ['2026-02-29', false],
  ['0000-01-01', false],
  ['2026-1-1', false],
])('%s is a date: %s', (text, is) => {
  expect(isDate(text)).toBe(is)
})

test.each([
  ['20260131T093000Z', { date: '2026-01-31', time: '09:30', seconds: '00', offset: 'Z' }],
  ['2026-01-31T09:30:15.123+0200', { date: '2026-01-31', time: '09:30', seconds: '15', offset: '+02:00' }],
  ['20260131', { date: '2026-01-31', time: null, seconds: '00', offset: null }],
  ['2026-01-31 9:30', null],
  ['20260131T240000', null],
])('%s is parsed', (text, stamp) => {
  expect(readStamp(text)).toEqual(stamp)
})

describe('the instant of a wall-clock time', () => {
  test.each([
    ['2026-01-31', '09:30', 'Europe/Berlin', '2026-01-31T08:30:00.000Z'],
    // The clocks skip this time.
    ['2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    // This time occurs twice.
    ['2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-04', '02:15', 'Australia/Lord_Howe', '2026-10-03T15:45:00.000Z'],
  ])('%s %s in %s is %s', (date, time, timeZone, instant) => {
    expect(instantOf({ date, time, timeZone }).toISOString()).toBe(instant)
  })

  test('is 00:00 UTC for an all-day date', () => {
    expect(instantOf({ date: '2026-01-31' }).toISOString()).toBe('2026-01-31T00:00:00.000Z')
  })
})

describe('an instant becomes a due date', () => {
  test.each([
    ['2026-01-31T08:30:00Z', 'Europe/Berlin', { date: '2026-01-31', time: '09:30', timeZone: 'Europe/Berlin' }],
    ['2026-01-30T23:00:00Z', 'Europe/Berlin', { date: '2026-01-31' }],
    ['2026-01-31T00:00:00Z', 'America/New_York', { date: '2026-01-30', time: '19:00', timeZone: 'America/New_York' }],
    // The clocks skip midnight: the day begins at 01:00.
    ['2026-04-23T22:00:00Z', 'Africa/Cairo', { date: '2026-04-24' }],
    ['2026-01-30T23:00:01Z', 'Europe/Berlin', { date: '2026-01-31', time: '00:00', timeZone: 'Europe/Berlin' }],
  ])('%s in %s; the start of a day becomes an all-day date', (instant, timeZone, due) => {
    expect(dueOrDateAt(new Date(instant), timeZone)).toEqual(due)
  })
})
