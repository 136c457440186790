/// <reference lib="esnext.temporal" />
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { z } from 'zod'
import { isTimeZone } from './time-zone.ts'
import { expectedRevision, id, mutationId, revision, timeZone } from './values.ts'

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
    // JavaScript knows these names. PostgreSQL does not, or reads them as another place.
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
