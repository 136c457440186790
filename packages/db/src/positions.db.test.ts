import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrayText } from './statement.ts'
import { codeOf, connectLogins } from './testing/logins.ts'
import { close, fraction, position, POSITION } from './testing/positions.ts'
import { drawFromSeed, SEED } from './testing/seed.ts'

const RUNS = drawFromSeed(100)

const logins = await connectLogins()
const { admin, app } = logins
afterAll(() => logins[Symbol.asyncDispose]())
const pair = fc
  .tuple(position, position)
  .filter(([a, b]) => a !== b)
  .map(([a, b]): [string, string] => (a < b ? [a, b] : [b, a]))

describe(`positions (seed ${SEED})`, () => {
  test('a position between two is strictly between them, and valid', async () => {
    const pairs = fc.sample(fc.oneof(pair, close), { numRuns: 20 * RUNS, seed: SEED })
    const rows = await app<{ a: string; b: string; p: string }[]>`select a, b, tw.position_between(a, b) p
      from unnest(${arrayText(pairs.map(([a]) => a))}::text[], ${arrayText(pairs.map(([, b]) => b))}::text[]) x(a, b)`
    expect(rows).toHaveLength(pairs.length)
    for (const { a, b, p } of rows) expect([a, p, b, a < p && p < b && POSITION.test(p)]).toEqual([a, p, b, true])
    const ends = await app<
      { a: string; before: string; after: string }[]
    >`select a, tw.position_between(null, a) before, tw.position_between(a, null) as after
      from unnest(${arrayText(pairs.map(([a]) => a))}::text[]) a`
    for (const { a, before, after } of ends) {
      expect([before < a && a < after, POSITION.test(before), POSITION.test(after)]).toEqual([true, true, true])
    }
    expect(await app`select tw.position_between(null, null) p`).toEqual([{ p: '80000000' }])
  })

  test('a fraction between two is strictly between them, and does not end in 0', async () => {
    const pairs = fc
      .sample(
        fc.tuple(fraction, fraction).filter(([a, b]) => a !== b),
        { numRuns: 20 * RUNS, seed: SEED },
      )
      .map(([a, b]) => (a < b ? [a, b] : [b, a]))
    const rows = await app<
      { a: string; b: string; p: string; open: string }[]
    >`select a, b, tw.fraction_between(a, b) p, tw.fraction_between(a, null) open
      from unnest(${arrayText(pairs.map(([a = '']) => a))}::text[], ${arrayText(pairs.map(([, b = '']) => b))}::text[]) x(a, b)`
    for (const { a, b, p, open } of rows)
      expect([
        a,
        b,
        a < p && p < b && /^[0-9a-f]*[1-9a-f]$/.test(p),
        a < open && /^[0-9a-f]*[1-9a-f]$/.test(open),
      ]).toEqual([a, b, true, true])
  })

  test('several positions between two are in order, between them, and valid', async () => {
    const ends = fc.oneof(
      pair,
      close,
      position.map((a): [string, null] => [a, null]),
      position.map((b): [null, string] => [null, b]),
      fc.constant<[null, null]>([null, null]),
    )
    await fc.assert(
      fc.asyncProperty(ends, fc.integer({ min: 0, max: 60 }), async ([a, b], n) => {
        const [row] = await app<{ p: string[] }[]>`select to_json(tw.positions_between(${a}, ${b}, ${n})) p`
        const all = [a ?? '', ...(row?.p ?? []), b ?? 'g']
        expect(all).toHaveLength(n + 2)
        expect(all.every((p, i) => i === 0 || (all[i - 1] ?? '') < p)).toBe(true)
        expect(row?.p.every((p) => POSITION.test(p))).toBe(true)
      }),
    )
    // Five hundred tasks at one place take at most three digits more.
    const [most] = await app<
      { n: number }[]
    >`select max(length(p)) n from unnest(tw.positions_between('80000000', '80000001', 500)) p`
    expect(most?.n).toBe(11)
  })

  test('inserts at any places keep the order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 1, maxLength: 80 }), async (indexes) => {
        const [row] = await app<
          { all: string[] }[]
        >`select to_json(public.insert_all(${`{${indexes.join(',')}}`}::bigint[])) as all`
        const all = row?.all ?? []
        expect(all).toHaveLength(indexes.length)
        expect(all.every((p, i) => POSITION.test(p) && (i === 0 || (all[i - 1] ?? '') < p))).toBe(true)
      }),
    )
  })
  beforeAll(async () => {
    // Inserts at each index, modulo the current number, and returns all positions in order of their place.
    await admin.unsafe(`create function public.insert_all(indexes bigint[]) returns text[] language plpgsql as $$
      declare everything text[] := '{}'; wanted bigint; at int;
      begin
        foreach wanted in array indexes loop
          at := wanted % (cardinality(everything) + 1);
          everything := everything[:at] || tw.position_between(everything[at], everything[at + 1]) || everything[at + 1:];
        end loop;
        return everything;
      end $$`)
  })

  test.each([
    ['after', 'tw.position_between(p, null)', 1],
    ['before', 'tw.position_between(null, p)', -1],
  ])('ten thousand positions, each %s all others, have eight characters', async (_where, next, sign) => {
    const [row] = await app.unsafe<{ longest: number; distinct: number; last: string }[]>(`
      with recursive walk(n, p) as (select 1, tw.position_between(null, null) union all select n + 1, ${next} from walk where n < 10000)
      select max(length(p)) longest, count(distinct p)::int as distinct, (array_agg(p order by n desc))[1] as last from walk`)
    expect(row).toEqual({ longest: 8, distinct: 10_000, last: (0x80_00_00_00 + sign * 9999).toString(16) })
  })

  test('the worst case, always inserting after the latest, takes a digit for every four positions', async () => {
    const [row] = await app<
      { longest: number }[]
    >`select max(length(p)) longest from unnest(public.insert_all(array[0, 1] || array_fill(1::bigint, array[200]))) p`
    expect(row?.longest).toBe(8 + 50)
  })

  test.each([
    ['equal', `'80000000', '80000000'`],
    ['in the wrong order', `'80000001', '80000000'`],
    ['with a fraction, in the wrong order', `'800000008', '800000004'`],
  ])('between two positions that are %s, position_between() raises instead of looping', async (_which, ends) => {
    await expect(app.unsafe(`select tw.position_between(${ends})`)).rejects.toThrow(/^no position between/)
  })

  test('before a fraction that ends in 0, which is never stored, position_between() raises instead of looping', async () => {
    await expect(app`select tw.position_between('80000000', '800000000')`).rejects.toThrow(/^no fraction between/)
  })

  test('at the ends of the integers, TW507 is raised', async () => {
    expect(await codeOf(app`select tw.position_between('ffffffff', null)`)).toBe('TW507')
    expect(await codeOf(app`select tw.position_between(null, '00000000')`)).toBe('TW507')
    expect(await codeOf(app`select tw.positions_between('fffffff0', null, 16)`)).toBe('TW507')
    expect(await codeOf(app`select tw.positions_between('fffffff0', null, 15)`)).toBe('no error')
  })
})
