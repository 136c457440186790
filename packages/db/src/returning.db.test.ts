import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { arrayText } from './statement.ts'
import { actInNewSpace, connectLogins } from './testing/logins.ts'
import { close, POSITION } from './testing/positions.ts'
import { addList, addTask, MUTATION, type Placed, placeTask } from './testing/placing.ts'
import { drawFromSeed, SEED } from './testing/seed.ts'

const RUNS = drawFromSeed(100)

const logins = await connectLogins()
const { admin, app } = logins
afterAll(() => logins[Symbol.asyncDispose]())

describe(`returning (seed ${SEED})`, () => {
  test('tasks that return get the requested position or one after its holder, and no two get the same', async () => {
    const some = fc.uniqueArray(
      fc.oneof(
        fc.integer({ min: 0x80_00_00_00, max: 0x80_00_00_0a }).map((n) => n.toString(16)),
        close.map(([a]) => `80000002${a.slice(8)}`),
      ),
      { minLength: 1, maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(some, some, some, async (live, wanted, elsewhere) => {
        const space = await actInNewSpace(logins)
        const home = await addList(logins, space, '80000000')
        for (const at of live) await addTask(logins, space, at)
        // Some in the inbox and some in a list: positions of one do not matter for the other.
        const back = [...wanted.map((at) => ({ at, list: null })), ...elsewhere.map((at) => ({ at, list: home }))].map(
          (one) => ({ ...one, id: randomUUID() }),
        )
        const rows = await app<{ id: string; position: string }[]>`select * from tw.free_positions(${space},
          ${arrayText(back.map((b) => b.id))}::uuid[], ${arrayText(back.map((b) => b.list ?? space))}::uuid[], ${arrayText(back.map((b) => b.at))}::text[])`
        expect(rows).toHaveLength(back.length)
        const placeOf = new Map(rows.map((row) => [row.id, row.position]))
        for (const { id, at, list } of back) {
          const place = placeOf.get(id) ?? ''
          expect(POSITION.test(place)).toBe(true)
          if (list !== null || !live.includes(at)) expect(place).toBe(at)
          else {
            const next = [...live, ...wanted].filter((other) => other > at).toSorted()[0] ?? 'g'
            expect(at < place && place < next).toBe(true)
          }
        }
        const inbox = back.filter((b) => b.list === null).map((b) => placeOf.get(b.id))
        expect(new Set([...live, ...inbox]).size).toBe(live.length + wanted.length)
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    )
  })

  test('a task that already has the requested position keeps it', async () => {
    const space = await actInNewSpace(logins)
    const id = await addTask(logins, space, '80000000')
    expect(
      await app`select position from tw.free_positions(${space}, array[${id}]::uuid[], array[${space}]::uuid[], array['80000000'])`,
    ).toEqual([{ position: '80000000' }])
  })

  test('several rows that request one position go after its holder, in the order given', async () => {
    const space = await actInNewSpace(logins)
    const list = await addList(logins, space, '80000000')
    await addList(logins, space, '80000001')
    const [one, two] = [randomUUID(), randomUUID()]
    for (const ids of [
      [one, two],
      [two, one],
      // A list has that position already: it stays first.
      [one, list],
    ]) {
      const rows = await app<{ id: string; position: string }[]>`select * from tw.free_positions(
        ${space}, ${arrayText(ids)}::uuid[], array[null, null]::uuid[], array['80000000', '80000000']) f order by f.position collate "C"`
      expect(rows.map(({ id }) => id)).toEqual(ids.includes(list) ? [list, one] : ids)
      expect(rows.every(({ position }) => position >= '80000000' && position < '80000001')).toBe(true)
    }
  })

  test('the examples in comments are correct', async () => {
    const space = await actInNewSpace(logins)
    const [a, b] = [await addTask(logins, space, '80000000'), await addTask(logins, space, '80000001')]
    expect(await placeTask(logins, null, a)).toEqual(['800000008'])
    expect(await placeTask(logins, null, null)).toEqual(['7fffffff'])
    expect(await placeTask(logins, null, b)).toEqual(['80000002'])
    expect(await placeTask(logins, null, a, null, { n: 2 })).toEqual(['800000004', '800000008'])
    expect(await placeTask(logins, null, a, b)).toEqual(['80000001'])

    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()]
    const back = async (ids: string[], wanted: string[]): Promise<unknown> => [
      ...(await app`select * from tw.free_positions(${space}, ${arrayText(ids)}::uuid[], ${arrayText(ids.map(() => space))}::uuid[],
        ${arrayText(wanted)}::text[]) order by position collate "C"`),
    ]
    expect(await back([one, two, three], ['80000000', '80000000', '80000005'])).toEqual([
      { id: one, position: '800000004' },
      { id: two, position: '800000008' },
      { id: three, position: '80000005' },
    ])
    expect(await back([one, a], ['80000000', '80000000'])).toEqual([
      { id: a, position: '80000000' },
      { id: one, position: '800000008' },
    ])

    const moved = {
      [one]: { list_scope: space, old: '80000001', now: '80000004' },
      [two]: { list_scope: space, old: '80000002', now: '80000008' },
    }
    const [now] = await app<
      { positions: string[] }[]
    >`select to_json(tw.positions_now(${JSON.stringify(moved)}::text::jsonb, '{}',
      array_fill(${space}::uuid, array[3]), array['80000000', '80000009', '800000018'])) as positions`
    expect(now?.positions).toEqual(['80000000', '80000009', '80000004'])

    const crowded = await actInNewSpace(logins)
    const close = ['00000001', '00000003'].map((end) => `80000000${'0'.repeat(48)}${end}`)
    for (const at of [...close, '80000003']) await addTask(logins, crowded, at)
    await app`select tw.rebalance_tasks(${crowded}, ${MUTATION}, null, '80000000', 2)`
    const rows = await admin<Placed[]>`select id, position from tw.tasks where space_id = ${crowded} order by position`
    expect(rows.map(({ position }) => position)).toEqual(['800000008', '80000001', '80000003'])
  })

  test('a position from before a rebalance is translated into one between the same neighbours', async () => {
    const old = fc.integer({ min: 0x80_00_00_00, max: 0x80_00_00_40 }).map((n) => n.toString(16))
    const listScope = fc.constantFrom(randomUUID(), randomUUID(), null)
    const stays = fc.uniqueArray(fc.record({ id: fc.uuid(), list_scope: listScope, old, own: fc.boolean() }), {
      selector: ({ list_scope: on, old: at }) => `${on} ${at}`,
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(
        stays,
        fc.array(fc.record({ listScope, at: old }), { maxLength: 10 }),
        old,
        async (all, wanted, first) => {
          // A rebalance keeps the order; here it puts them closer together.
          const moved = all
            .toSorted((a, b) => (a.old < b.old ? -1 : 1))
            .map((one, nr) => ({ ...one, now: `${first}${(nr + 1).toString(16).padStart(2, '0')}1` }))
          const [row] = await app<{ at: string[] | null }[]>`select to_json(tw.positions_now(
          ${JSON.stringify(Object.fromEntries(moved.map(({ id, own: _own, ...one }) => [id, one])))}::text::jsonb,
          ${arrayText(moved.filter(({ own }) => own).map(({ id }) => id))}::uuid[],
          ${arrayText(wanted.map((w) => w.listScope))}::uuid[], ${arrayText(wanted.map((w) => w.at))}::text[])) at`
          const expected = wanted.map(({ listScope: on, at }) => {
            const beside = moved.filter((one) => !one.own && one.list_scope === on)
            const below = beside.findLast((one) => one.old <= at)
            const above = beside.find((one) => one.old > at)
            const free = below === undefined || (below.now <= at && (above === undefined || above.now > at))
            return free ? at : below.now
          })
          expect(row?.at ?? []).toEqual(expected)
        },
      ),
      { numRuns: Math.ceil(RUNS / 2) },
    )
  })
})
