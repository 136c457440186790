import {
  accountUpdate,
  isTimeZone,
  keyCreate,
  LIMITS,
  PRIORITIES,
  SCOPES,
  taskCreate,
  textKey,
} from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Constraints, createConstraints, type Row } from './testing/constraints.ts'
import { text, storable, isOfNewer } from './testing/texts.ts'
import { drawFromSeed, SEED } from './testing/seed.ts'

const RUNS = drawFromSeed(200)

let constraints: Constraints
let owner: Constraints['owner']
let refusal: Constraints['refusal']
beforeAll(async () => {
  constraints = await createConstraints()
  ;({ owner, refusal } = constraints)
})
afterAll(async () => await constraints[Symbol.asyncDispose]())

describe(`other values (seed ${SEED})`, () => {
  test('tags: the database accepts exactly those that the contract leaves unchanged', async () => {
    const tag = fc.oneof(text(LIMITS.tag), fc.constantFrom('a', 'A', 'b', 'é', 'É', 'İ', 'i̇', 'Σ', 'σ', 'ς'))
    const distinct = fc.uniqueArray(fc.integer({ min: 0, max: 999 }).map(String), { minLength: 9, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.array(tag, { maxLength: 4 }), distinct), async (raw) => {
        const tags = taskCreate.safeParse({ title: 'x', tags: raw }).data?.tags
        if (!raw.every(storable)) {
          expect(tags).toBeUndefined()
          return
        }
        const row = (list: string[]): Row => ({ tags: list, tag_keys: list.map(textKey) })
        if (tags !== undefined) expect(await refusal('tw.tasks', row(tags))).toBeNull()
        if (!raw.some(isOfNewer))
          expect((await refusal('tw.tasks', row(raw))) === null).toBe(JSON.stringify(tags) === JSON.stringify(raw))
      }),
    )
  })

  test('priorities: each priority of the contract has its rank, and there are no others', async () => {
    const ranks = await owner<
      { rank: number | null }[]
    >`select tw.priority_rank(name) rank from unnest(array['none', 'low', 'medium', 'high', 'urgent', 'top', '']) name`
    expect(ranks.map((row) => row.rank)).toEqual([...PRIORITIES.keys(), null, null])
    for (const priority of PRIORITIES.keys()) expect(await refusal('tw.tasks', { priority })).toBeNull()
    for (const priority of [-1, PRIORITIES.length, 32767])
      expect(await refusal('tw.tasks', { priority })).toBe('priority_check')
  })

  test('due dates: the database accepts what the contract accepts', async () => {
    const zones = [
      ...Intl.supportedValuesOf('timeZone'),
      'CET',
      'cet',
      'EST5EDT',
      'Zulu',
      'utc',
      'europe/berlin',
      'AET',
      'IST',
      'Nowhere',
      '',
    ]
    const year = fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(0, 1, 1582, 1900, 1970, 2024, 9999))
    const pad = (n: number, length: number): string => String(n).padStart(length, '0')
    const date = fc
      .tuple(
        year,
        fc.integer({ min: 0, max: 13 }),
        fc.oneof(fc.integer({ min: 0, max: 32 }), fc.constantFrom(1, 2, 3, 28, 29, 30, 31)),
      )
      .map(([y, m, d]) => `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`)
    const edge = fc.constantFrom(
      '0001-01-01',
      '0001-01-02',
      '0001-01-03',
      '9999-12-29',
      '9999-12-30',
      '9999-12-31',
      '2024-02-30',
      '2023-02-29',
      '20240101',
      '2024-1-1',
    )
    const time = fc
      .tuple(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 61 }))
      .map(([h, m]) => `${pad(h, 2)}:${pad(m, 2)}`)
    const shape = fc.record(
      {
        date: fc.oneof(date, edge),
        time: fc.oneof(time, fc.constantFrom('24:00', '12:30:30', '9:00')),
        timeZone: fc.constantFrom(...zones),
      },
      { requiredKeys: ['date'] },
    )
    await fc.assert(
      fc.asyncProperty(shape, async (raw) => {
        const due = taskCreate.safeParse({ title: 'x', due: raw }).data?.due
        if (due === undefined || due === null) return
        expect(due).toEqual(raw)
        const { date, time, timeZone } = { time: null, timeZone: null, ...raw }
        const [at] = await owner<
          { at: string | null }[]
        >`select tw.iso(tw.due_at(${date}::date, ${time}::time, ${timeZone})) as at`
        expect(
          await refusal('tw.tasks', { due_date: date, due_time: time, due_zone: timeZone, due_at: at?.at ?? null }),
        ).toBeNull()
      }),
      { numRuns: 2 * RUNS },
    )
  })

  test('time zones: each name of the contract means the same zone in the database', async () => {
    const names = await owner<{ name: string }[]>`select name from pg_timezone_names where name !~ '^(posix|right)/'`
    const candidates = [...names.map((row) => row.name), ...Intl.supportedValuesOf('timeZone')]
    const abbreviations = await owner<{ abbrev: string }[]>`select abbrev from pg_timezone_abbrevs`
    candidates.push(...abbreviations.map((row) => row.abbrev))
    candidates.push(
      ...'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(
        ' ',
      ),
    )
    const taken = [...new Set(candidates.flatMap((name) => [name, name.toLowerCase()]))].filter(isTimeZone)
    expect(taken.length).toBeGreaterThan(800)
    // In both halves of the year: a name that PostgreSQL reads as an abbreviation would have no summer time.
    for (const day of ['2025-01-15', '2025-07-15']) {
      const rows = await owner<
        { name: string; at: string }[]
      >`select name, tw.iso(tw.due_at(${day}::date, '12:00', name)) as at
        from unnest(${`{${taken.map((name) => `"${name}"`).join(',')}}`}::text[]) name`
      for (const { name, at } of rows)
        expect(`${name} ${at}`).toBe(
          `${name} ${Temporal.PlainDateTime.from(`${day}T12:00`).toZonedDateTime(name).toInstant().toString({ smallestUnit: 'millisecond' })}`,
        )
    }
    for (const time_zone of taken.slice(0, 20)) {
      expect(accountUpdate.safeParse({ timeZone: time_zone }).success).toBe(true)
      expect(await refusal('auth.users', { time_zone })).toBeNull()
    }
    for (const name of [
      'AET',
      'PST',
      'IST',
      'BST',
      'SystemV/PST8',
      'US/Pacific-New',
      'Factory',
      'GMT+5',
      '+01:00',
      'posix/UTC',
    ])
      expect(isTimeZone(name)).toBe(false)
  })

  test('scopes: each set of the contract, and nothing else', async () => {
    const scope = fc.constantFrom(...SCOPES, 'admin', '')
    await fc.assert(
      fc.asyncProperty(fc.array(scope, { maxLength: 5 }), async (scopes) => {
        const { success } = keyCreate.safeParse({ name: 'x', scopes })
        const refused = await refusal('tw.api_keys', { scopes })
        if (success) expect(refused).toBeNull()
        if (new Set(scopes).size === scopes.length) expect(refused === null).toBe(success)
      }),
    )
    for (const known of SCOPES)
      expect((await refusal('tw.service_keys', { scopes: [known] })) === null).toBe(known !== 'account')
  })
})
