/// <reference lib="esnext.temporal" />
import { expect, test } from 'vitest'
import { dueAtOf } from './due-at.ts'

test.each([
  ['2026-11-22', '09:30', 'UTC', '2026-11-22T09:30:00.000Z'],
  ['2026-11-22', '09:30', 'Asia/Kathmandu', '2026-11-22T03:45:00.000Z'],
  ['2026-11-22', '23:30', 'Etc/GMT+12', '2026-11-23T11:30:00.000Z'],
  ['2026-11-22', '00:00', 'Pacific/Kiritimati', '2026-11-21T10:00:00.000Z'],
  // Skipped: forward by the gap.
  ['2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
  ['2025-10-05', '02:15', 'Australia/Lord_Howe', '2025-10-04T15:45:00.000Z'],
  ['2011-12-30', '12:00', 'Pacific/Apia', '2011-12-30T22:00:00.000Z'],
  // Repeated: the first.
  ['2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ['2014-10-26', '01:30', 'Europe/Moscow', '2014-10-25T21:30:00.000Z'],
  // An offset with seconds, and the first and last dates.
  ['1867-10-18', '12:00', 'America/Juneau', '1867-10-17T20:57:41.000Z'],
  ['0001-01-03', '00:00', 'Pacific/Kiritimati', '0001-01-03T10:29:20.000Z'],
  ['9999-12-29', '23:59', 'Etc/GMT+12', '9999-12-30T11:59:00.000Z'],
])('%s %s in %s is %s', (date, time, timeZone, instant) => {
  expect(dueAtOf({ date, time, timeZone })).toBe(instant)
})

test('an all-day due has no instant', () => {
  expect(dueAtOf({ date: '2026-11-22' })).toBe(null)
  expect(dueAtOf(null)).toBe(null)
})

test('an unknown zone is an error', () => {
  expect(() => dueAtOf({ date: '2026-11-22', time: '09:30', timeZone: 'Mars/Olympus' })).toThrow(RangeError)
})

test(
  'around every change of the clocks since 2010, the instant is that of Temporal, in every zone',
  { timeout: 120_000 },
  () => {
    const different: unknown[] = []
    for (const timeZone of Intl.supportedValuesOf('timeZone')) {
      let change = Temporal.ZonedDateTime.from({ year: 2010, month: 1, day: 1, timeZone }).getTimeZoneTransition('next')
      for (; change !== null && change.year < 2028; change = change.getTimeZoneTransition('next'))
        for (const edge of [change, change.subtract({ nanoseconds: 1 })])
          for (const minutes of [-30, 0, 30]) {
            const wall = edge.toPlainDateTime().add({ minutes })
            const due = { date: wall.toPlainDate().toString(), time: wall.toString().slice(11, 16), timeZone }
            const { epochMilliseconds } = Temporal.PlainDateTime.from(`${due.date}T${due.time}`).toZonedDateTime(
              timeZone,
            )
            const found = dueAtOf(due)
            if (found !== new Date(epochMilliseconds).toISOString()) different.push({ ...due, found })
          }
    }
    expect(different).toEqual([])
  },
)
