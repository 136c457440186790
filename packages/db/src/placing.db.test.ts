import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { arrayText } from './statement.ts'
import { actInNewSpace, codeOf, connectLogins } from './testing/logins.ts'
import { addList, addTask, type Placed, placeTask } from './testing/placing.ts'
import { drawFromSeed, SEED } from './testing/seed.ts'

const RUNS = drawFromSeed(100)

const logins = await connectLogins()
const { admin, app } = logins
afterAll(() => logins[Symbol.asyncDispose]())

describe(`placing (seed ${SEED})`, () => {
  test('tasks are placed where requested, after any earlier moves', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 25 }),
        async (moves) => {
          const space = await actInNewSpace(logins)
          // Tasks of another space at the same positions do not matter.
          const order: string[] = []
          const read = async (): Promise<string[]> =>
            (
              await app<
                Placed[]
              >`select id from tw.tasks where space_id = ${space} and deleted_at is null order by position`
            ).map((row) => row.id)
          for (const [isNew, which, placeNr] of moves) {
            const self = isNew || order.length === 0 ? null : (order[which % order.length] ?? null)
            const others = order.filter((id) => id !== self)
            const at = placeNr % (others.length + 2)
            // The last choice is no `after`: the end of the list.
            const after = at === others.length + 1 ? undefined : at === 0 ? null : others[at - 1]
            const [place = ''] = await placeTask(logins, null, after, self)
            const [before] =
              self === null
                ? []
                : await app<Placed[]>`select position from tw.tasks where space_id = ${space} and id = ${self}`
            const index = after === undefined ? others.length : at
            if (self === null) others.splice(index, 0, await addTask(logins, space, place))
            else {
              // A task keeps a position that is right already.
              if (order.indexOf(self) === index) expect(place).toBe(before?.position)
              await admin`update tw.tasks set position = ${place} where space_id = ${space} and id = ${self}`
              others.splice(index, 0, self)
            }
            order.splice(0, order.length, ...others)
            expect(await read()).toEqual(order)
          }
        },
      ),
      { numRuns: Math.ceil(RUNS / 5) },
    )
  })

  test('several tasks are placed one after the other', async () => {
    const space = await actInNewSpace(logins)
    const first = await addTask(logins, space, '80000000')
    await addTask(logins, space, '80000001')
    for (const [after, low, high] of [
      [undefined, '80000001', 'g'],
      [null, '', '80000000'],
      [first, '80000000', '80000001'],
    ] as const) {
      const places = await placeTask(logins, null, after, null, { n: 20 })
      const all = [low, ...places, high]
      expect(all.every((p, i) => i === 0 || (all[i - 1] ?? '') < p)).toBe(true)
    }
  })

  test('only live tasks of the list itself are neighbours', async () => {
    const space = await actInNewSpace(logins)
    const home = await addList(logins, space, '80000000')
    const inbox = await addTask(logins, space, '80000000')
    const listed = await addTask(logins, space, '80000000', home)
    await addTask(logins, space, '80000001', null, { trashed: true })
    expect(await placeTask(logins, null, inbox)).toEqual(['80000001'])
    expect(await placeTask(logins, home, listed)).toEqual(['80000001'])
    // Positions of tasks in the trash are free.
    expect(await placeTask(logins, null, undefined)).toEqual(['80000001'])
  })

  const hex = (n: number): string => n.toString(16).padStart(8, '0')
  const row = (first: number, length: number): string[] => Array.from({ length }, (_, at) => hex(first + at))
  // Tasks that were placed one at a time directly after the first get ever closer to it.
  const crowd = (length: number): string[] =>
    row(0, length).map((_, at) => `80000000${'0'.repeat(48)}${hex(2 * at + 1)}`)
  // Tasks that were placed each after the one before have used up the positions up to the next whole number.
  const run = (length: number): string[] => row(0, length).map((_, at) => `80000000${'f'.repeat(56 - length + at)}8`)
  test.each([
    ['close after the place', ['80000000', ...crowd(2)], 0],
    ['close after the place, more than the first attempt rebalances', ['80000000', ...crowd(700), '80000001'], 0],
    ['in a run up to the place', ['80000000', ...run(40), ...row(0x80_00_00_01, 3)], 40],
    ['in a run up to the place, before very many', ['80000000', ...run(40), ...row(0x80_00_00_01, 12_000)], 40],
    ['in a run from the first on', [...run(40), ...row(0x80_00_00_01, 1200)], 39],
  ])('tasks %s are rebalanced, and keep their order', async (_, positions, after) => {
    for (const n of [1, 500]) {
      const space = await actInNewSpace(logins)
      const ids = positions.map(() => randomUUID())
      await admin`insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at)
        select ${space}, x.id, 'Task', x.position, 1, now(), now() from unnest(${arrayText(ids)}::uuid[], ${arrayText(positions)}::text[]) x(id, position)`
      const places = await placeTask(logins, null, ids[after] ?? '', null, { n })
      const read = await admin<Placed[]>`select id, position from tw.tasks where space_id = ${space} order by position`
      expect(read.map(({ id }) => id)).toEqual(ids)
      const all = [read[after]?.position ?? '', ...places, read[after + 1]?.position ?? 'g']
      expect(all).toEqual([...new Set(all)].toSorted())
      expect(all.filter((position) => position.length > 64)).toEqual([])
      const [head] =
        await admin`select revision::int, (select count(*)::int from tw.changes c where c.space_id = s.id and
        actor_kind = 'system' and action = 'move') as changes from tw.spaces s where id = ${space}`
      expect(head?.['changes']).toBe(head?.['revision'])
      expect(head?.['revision']).toBeLessThan(10_000)
    }
  })

  test('placing raises TW507 if no more tasks may be rebalanced', async () => {
    const space = await actInNewSpace(logins)
    const first = await addTask(logins, space, '80000000')
    for (const position of crowd(3)) await addTask(logins, space, position)
    expect(await codeOf(placeTask(logins, null, first, null, { most: 0 }))).toBe('TW507')
    expect(await placeTask(logins, null, null, null, { most: 0 })).toEqual(['7fffffff'])
    expect(await placeTask(logins, null, undefined, null, { most: 0 })).toEqual(['80000001'])
  })

  test('lists are placed where requested, and keep a position that is right', async () => {
    const space = await actInNewSpace(logins)
    const place = async (after: string | null | undefined, self: string | null = null): Promise<unknown> =>
      (await app`select tw.place_list(${space}, ${after !== undefined}, ${after ?? null}, ${self}) p`)[0]?.['p']
    expect(await place(undefined)).toBe('80000000')
    const [a, b, c] = [
      await addList(logins, space, '80000000'),
      await addList(logins, space, '80000001'),
      await addList(logins, space, '80000005'),
    ]
    expect(await place(undefined)).toBe('80000006')
    expect(await place(null)).toBe('7fffffff')
    expect(await place(a)).toBe('800000008')
    expect(await place(b)).toBe('80000003')
    expect(await place(a, b)).toBe('80000001')
    expect(await place(null, a)).toBe('80000000')
    expect(await place(b, c)).toBe('80000005')
    expect(await place(a, c)).toBe('800000008')
    // No position is free.
    await addList(logins, space, `80000000${'0'.repeat(55)}1`)
    expect(await place(a)).toBeNull()
  })

  test('last_position() is the position of the last live task, or, for an empty list, the one before the first', async () => {
    const space = await actInNewSpace(logins)
    const endOf = async (listId: string | null): Promise<unknown> =>
      (await app`select tw.position_text(tw.last_position(${space}, ${listId})) p`)[0]?.['p']
    const home = await addList(logins, space, '80000000')
    expect([await endOf(null), await endOf(home)]).toEqual(['7fffffff', '7fffffff'])
    await addTask(logins, space, '8000000a4', home)
    await addTask(logins, space, '8000000f', home, { trashed: true })
    expect([await endOf(null), await endOf(home)]).toEqual(['7fffffff', '8000000a'])
  })
})
