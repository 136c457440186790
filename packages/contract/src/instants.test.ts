/// <reference lib="esnext.temporal" />
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { date, time, timeInput } from './values.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

const messageOf = (schema: z.ZodType, value: unknown): string | undefined =>
  schema
    .safeParse(value)
    .error?.issues.map((issue) => issue.message)
    .join('; ')

describe('instants', () => {
  test.each([
    ['2026-11-22T09:30:00Z', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T09:30:00.5Z', '2026-11-22T09:30:00.500Z'],
    // Truncated to milliseconds, not rounded.
    ['2026-11-22T09:30:00.123999999Z', '2026-11-22T09:30:00.123Z'],
    ['2026-11-22T09:30:00.0009999999999Z', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T09:30:00+05:45', '2026-11-22T03:45:00.000Z'],
    ['2026-11-22T09:30:00-00:00', '2026-11-22T09:30:00.000Z'],
    ['2024-02-29T00:00:00+14:00', '2024-02-28T10:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0000-12-31T23:00:00-02:00', '0001-01-01T01:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is read as %s', (given, kept) => {
    expect(timeInput.parse(given)).toBe(kept)
    expect(time.parse(kept)).toBe(kept)
  })

  test.each([
    '',
    '2026-11-22',
    '2026-11-22T09:30:00',
    '2026-11-22T09:30Z',
    '2026-02-29T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T23:59:60Z',
    '2026-11-22 09:30:00Z',
    '2026-11-22T09:30:00+24:00',
    '2026-11-22T09:30:00+0200',
    '+012026-11-22T09:30:00Z',
    'now',
    1_795_339_800_000,
    null,
  ])('%j is refused', (given) => {
    expect(messageOf(timeInput, given)).toBe('is not an ISO-8601 time with a zone, such as 2026-11-22T09:30:00Z')
  })

  test.each(['0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-00:01', '0000-01-01T00:00:00Z'])(
    '%s is not in the years 1 to 9999, and is refused',
    (given) => {
      expect(messageOf(timeInput, given)).toBe('is not between the years 0001 and 9999')
    },
  )

  test('an accepted time is an instant with milliseconds, and is accepted again unchanged', () => {
    const part = (max: number, length: number) =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(length, '0'))
    const given = fc
      .tuple(
        part(10_000, 4),
        part(13, 2),
        part(32, 2),
        part(24, 2),
        part(60, 2),
        part(60, 2),
        fc.string({ unit: fc.constantFrom('0', '5', '9'), maxLength: 12 }),
        fc.constantFrom('Z', '+00:00', '-12:00', '+14:00', '+23:59', '-23:59', ''),
      )
      .map(([y, m, d, h, min, s, f, zone]) => `${y}-${m}-${d}T${h}:${min}:${s}${f === '' ? '' : `.${f}`}${zone}`)
    fc.assert(
      fc.property(given, (text) => {
        const parsed = timeInput.safeParse(text)
        if (!parsed.success) return
        expect(parsed.data).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
        expect(timeInput.parse(parsed.data)).toBe(parsed.data)
        // Temporal accepts at most nine decimals of a second.
        expect(Date.parse(parsed.data)).toBe(
          Temporal.Instant.from(text.replace(/(\.\d{9})\d+/, '$1')).epochMilliseconds,
        )
      }),
      { numRuns: 5000 },
    )
  })
})

describe('dates', () => {
  test('are days of the calendar, from the year 1 to 9999', () => {
    for (const day of ['0001-01-01', '1582-10-10', '1900-02-28', '2000-02-29', '2024-02-29', '9999-12-31'])
      expect(date.parse(day)).toBe(day)
    for (const day of [
      '1900-02-29',
      '2023-02-29',
      '2026-04-31',
      '2026-00-01',
      '2026-13-01',
      '2026-1-1',
      '20260101',
      '10000-01-01',
      '-0001-01-01',
      '2026-01-01T00:00:00Z',
      '',
      20_260_101,
    ])
      expect(messageOf(date, day)).toBe('is not a date that exists, written YYYY-MM-DD')
    expect(messageOf(date, '0000-12-31')).toBe('is before the year 0001')
    expect(messageOf(date, undefined)).toBe('is missing')
  })
})
