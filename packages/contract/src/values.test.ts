/// <reference lib="esnext.temporal" />
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type AnyProcedure, contract } from './contract.ts'
import { LIMITS } from './limits.ts'
import { isTimeZone } from './time-zone.ts'
import {
  arrayOf,
  date,
  expectedRevision,
  id,
  mutationId,
  paging,
  revision,
  time,
  timeInput,
  timeZone,
} from './values.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

const messageOf = (schema: z.ZodType, value: unknown): string | undefined =>
  schema
    .safeParse(value)
    .error?.issues.map((issue) => issue.message)
    .join('; ')

describe('ids', () => {
  test('are UUIDs of any version, converted to lower case', () => {
    expect(id.parse('0190B1A0-0000-7000-8000-00000000000F')).toBe('0190b1a0-0000-7000-8000-00000000000f')
    for (const any of [
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    ])
      expect(id.parse(any)).toBe(any)
    expect(mutationId.parse(undefined)).toBeUndefined()
  })

  test.each([
    '',
    'x',
    '0190b1a000007000800000000000000f',
    '{0190b1a0-0000-7000-8000-00000000000f}',
    '0190b1a0-0000-7000-8000-00000000000g',
    ' 0190b1a0-0000-7000-8000-00000000000f',
    1,
    null,
  ])('are not %j', (value) => {
    expect(messageOf(id, value)).toBe('is not a UUID')
    expect(messageOf(mutationId, value)).toBe('is not a UUID')
  })

  test('undefined is missing', () => {
    expect(messageOf(id, undefined)).toBe('is missing')
  })
})

describe('revisions', () => {
  test('are safe integers from 0', () => {
    for (const n of [0, 1, Number.MAX_SAFE_INTEGER]) expect(revision.parse(n)).toBe(n)
    for (const n of [1.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, Number.POSITIVE_INFINITY, '1', null, 1n])
      expect(messageOf(revision, n)).toBe('is not a whole number')
    expect(messageOf(revision, -1)).toBe('is below 0')
    expect(expectedRevision.parse(undefined)).toBeUndefined()
  })
})

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
    '%s is outside the years',
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

describe('time zones', () => {
  test('are the names of the IANA database, in any case', () => {
    for (const zone of [
      ...Intl.supportedValuesOf('timeZone'),
      'UTC',
      'utc',
      'Europe/Berlin',
      'europe/berlin',
      'Europe/Kiev',
      'America/Argentina/Buenos_Aires',
      'Etc/GMT+12',
      'GMT+0',
      'EST5EDT',
      'CET',
      'GB-Eire',
      'NZ',
      'W-SU',
      'Zulu',
      'US/Pacific',
    ])
      expect([zone, isTimeZone(zone)]).toEqual([zone, true])
  })

  test.each([
    '',
    'Berlin',
    'Europe/Nowhere',
    '+01:00',
    'UTC+1',
    'GMT+5',
    ' UTC',
    'Europe/Berlin ',
    'Europe//Berlin',
    '../etc/passwd',
    'Europe/Berlin/../Paris',
    'x'.repeat(200),
    // JavaScript knows them; PostgreSQL does not, or for another place.
    'AET',
    'ACT',
    'AST',
    'BST',
    'CST',
    'IST',
    'JST',
    'PST',
    'SST',
    'ist',
    'SystemV/PST8',
    'US/Pacific-New',
    'Factory',
    'localtime',
    'Etc/Unknown',
    'posix/UTC',
  ])('%j is refused', (zone) => {
    expect(isTimeZone(zone)).toBe(false)
    expect(messageOf(timeZone, zone)).toBe('is not a time zone of the IANA database, such as Europe/Berlin')
  })

  test('the runtime is asked once for each existing name, and unknown names are not cached', () => {
    for (let n = 0; n < 2100; n++) expect(isTimeZone(`Nowhere/N${n}`)).toBe(false)
    const lookUp = vi.spyOn(Intl, 'DateTimeFormat')
    for (const zone of ['Asia/Kathmandu', 'asia/kathmandu', 'ASIA/Kathmandu']) expect(isTimeZone(zone)).toBe(true)
    expect(lookUp).toHaveBeenCalledOnce()
    lookUp.mockRestore()
    expect(isTimeZone('Nowhere/N1')).toBe(false)
  })
})

describe('arrays', () => {
  const schema = arrayOf(z.string(), { min: 1, max: 3, tooFew: 'is empty', tooMany: 'holds more than 3' })

  test('of an allowed length are accepted, and nothing else', () => {
    expect(schema.parse(['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
    expect(messageOf(schema, [])).toBe('is empty')
    for (const other of ['abc', { length: 2 }, null, undefined]) expect(schema.safeParse(other).success).toBe(false)
  })

  test('that are too long are refused before any item is parsed', () => {
    const parsed = vi.fn<() => boolean>(() => true)
    const items = arrayOf(z.unknown().refine(parsed), { max: 3, tooMany: 'holds more than 3' })
    expect(items.safeParse([1, 2, 3]).success).toBe(true)
    expect(parsed).toHaveBeenCalledTimes(3)
    expect(messageOf(items, [1, 2, 3, 4])).toBe('holds more than 3')
    expect(parsed).toHaveBeenCalledTimes(3)
  })

  // zod's own max() would parse all items first.
  test('of the contract are all made by arrayOf()', () => {
    const bare: string[] = []
    const visit = (schema: z.core.$ZodType, path: string, counted: boolean): void => {
      const { def } = schema._zod
      if (def.type === 'array' && !counted) bare.push(path)
      for (const [name, value] of Object.entries(def)) {
        const isCounted = def.type === 'pipe' && name === 'out'
        for (const [at, inner] of Object.entries(name === 'shape' ? (value as object) : [value].flat()))
          if (inner instanceof z.core.$ZodType)
            visit(inner, name === 'shape' ? `${path}.${at}` : path, isCounted || (counted && name === 'innerType'))
      }
    }
    for (const [namespace, table] of Object.entries(contract))
      for (const [name, { input }] of Object.entries<AnyProcedure>(table)) visit(input, `${namespace}.${name}`, false)
    expect(bare).toEqual([])
  })
})

describe('pages', () => {
  test('have 1 to 100 items, 50 by default', () => {
    expect(paging.limit.parse(undefined)).toBe(LIMITS.page.default)
    for (const n of [1, 100]) expect(paging.limit.parse(n)).toBe(n)
    expect(messageOf(paging.limit, 0)).toBe('is below 1')
    expect(messageOf(paging.limit, 101)).toBe('is above 100')
    for (const n of [1.5, '10', null]) expect(messageOf(paging.limit, n)).toBe('is not a whole number')
  })

  test('a cursor is a string of bounded length, or null', () => {
    expect(paging.cursor.parse(null)).toBeNull()
    expect(paging.cursor.parse('x'.repeat(LIMITS.cursor))).toHaveLength(LIMITS.cursor)
    for (const cursor of ['', 'x'.repeat(LIMITS.cursor + 1), 1])
      expect(messageOf(paging.cursor, cursor)).toBe('is not a cursor of an earlier reply')
  })
})
