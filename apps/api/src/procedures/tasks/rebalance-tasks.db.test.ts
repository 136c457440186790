import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function row(caller: Caller, length: number): Promise<string[]> {
  const { tasks } = await caller.client.tasks.createMany.mutate({
    tasks: Array.from({ length }, (_, at) => ({ title: `${at}` })),
  })
  return tasks.map((task) => task.id)
}

/** As if the spot behind the task had been used up: those behind it stand as close as can be. */
async function crowd(first: string, others: readonly string[]): Promise<void> {
  await service.admin(
    `update tw.tasks t set position = f.position || repeat('0', 53) || lpad(to_hex(x.nr), 4, '0') || '1'
    from tw.tasks f, unnest(string_to_array($2, ',')::uuid[]) with ordinality x(id, nr) where f.id = $1 and t.id = x.id`,
    [first, others.join()],
  )
}

test('a spot can be used hundreds of times: its neighbours are spread, and each move is a Change', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [first = '', last = ''] = await row(caller, 2)
  const inserted: string[] = []
  for (let nr = 0; nr < 240; nr++)
    inserted.unshift((await client.tasks.create.mutate({ title: `${nr}`, after: first })).id)
  expect(await orderOf(caller, null)).toEqual([first, ...inserted, last])

  const changes = await changesAfter(caller, 2)
  const spread = changes.filter(({ action }) => action === 'move')
  expect(spread.length).toBeGreaterThan(200)
  expect(spread.length).toBeLessThan(500)
  expect(new Set(spread.map(({ commit }) => commit)).size).toBe(1)
  expect(new Set(spread.map(({ mutationId }) => mutationId))).toEqual(new Set([null]))
  expect(new Set(spread.map(({ actor }) => actor.kind))).toEqual(new Set(['system']))
  for (const { after } of spread) expect(Object.keys(after ?? {})).toEqual(['position'])
  const [change] = spread
  const task = await client.tasks.get.query({ id: change?.entityId ?? '' })
  expect(task).toMatchObject({
    revision: change?.revision,
    updatedAt: change?.at,
    position: change?.after?.['position'],
  })
})

test('a run of 500 fits behind one task, each behind the one before', async () => {
  const caller = await newCaller(service)
  const [first = '', last = ''] = await row(caller, 2)
  await crowd(first, [last])
  const ids = Array.from({ length: 500 }, () => crypto.randomUUID())
  const tasks = ids.map((id, at) => ({ id, title: 'x', after: at === 0 ? first : (ids[at - 1] ?? null) }))
  await caller.client.tasks.createMany.mutate({ tasks })
  expect(await orderOf(caller, null)).toEqual([first, ...ids, last])
})

test('a move to a full spot keeps to expectedRevision, though the task itself is spread', async () => {
  const caller = await newCaller(service)
  const [first = '', second = '', third = '', fourth = ''] = await row(caller, 4)
  await crowd(first, [second, third, fourth])
  const move = { id: fourth, after: first }
  const head = await headOf(caller)
  expect(await refused(caller.client.tasks.move.mutate({ ...move, expectedRevision: 1 }))).toMatchObject({
    appCode: 'REVISION_CONFLICT',
  })
  expect(await headOf(caller)).toBe(head)
  const moved = await caller.client.tasks.move.mutate({ ...move, expectedRevision: 4 })
  expect(moved.revision).toBeGreaterThan(5)
  expect(await orderOf(caller, null)).toEqual([first, fourth, second, third])
  // It had been given room with the others before.
  await caller.client.changes.revert.mutate({ revision: moved.revision })
  expect(await orderOf(caller, null)).toEqual([first, second, third, fourth])
})

test('what is refused makes no room', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [first = '', second = '', third = ''] = await row(caller, 3)
  await crowd(first, [second, third])
  const head = await headOf(caller)
  const lost = crypto.randomUUID()
  for (const call of [
    client.tasks.createMany.mutate({
      tasks: [
        { title: 'x', after: first },
        { title: 'x', after: lost },
      ],
    }),
    client.tasks.create.mutate({ title: 'x', after: first, id: second }),
    client.tasks.move.mutate({ id: third, after: first, listId: lost }),
    client.tasks.move.mutate({ id: lost, after: first }),
    client.tasks.move.mutate({ id: third, after: first, expectedRevision: 1 }),
  ])
    expect((await refused(call)).appCode).toMatch(/NOT_FOUND|ALREADY_EXISTS|REVISION_CONFLICT/)
  expect(await headOf(caller)).toBe(head)
})

test('one after the other at the end of a run, tasks go on fitting', async () => {
  const caller = await newCaller(service)
  const [first = '', last = ''] = await row(caller, 2)
  const ids = [first]
  for (let nr = 0; nr < 300; nr++)
    ids.push((await caller.client.tasks.create.mutate({ title: `${nr}`, after: ids.at(-1) ?? null })).id)
  expect(await orderOf(caller, null)).toEqual([...ids, last])
})

test('where positions end, nothing is placed behind them', async () => {
  const caller = await newCaller(service)
  const [id = ''] = await row(caller, 1)
  await service.admin(`update tw.tasks set position = 'ffffffff' where id = $1`, [id])
  const refusal = await refused(caller.client.tasks.create.mutate({ title: 'x' }))
  expect(refusal.appCode).toBe('LIMIT_EXCEEDED')
  expect(await headOf(caller)).toBe(1)
  await caller.client.tasks.create.mutate({ title: 'x', after: null })
})

test('where many hundreds stand close together, all of them are spread', async () => {
  const caller = await newCaller(service)
  const [first = '', ...others] = [...(await row(caller, 500)), ...(await row(caller, 150))]
  await crowd(first, others.slice(0, -1))
  const { id } = await caller.client.tasks.create.mutate({ title: 'squeezed in', after: first })
  expect(await orderOf(caller, null)).toEqual([first, id, ...others])
})

test('of several spots only the full one is spread, and only its own list', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [first = '', second = '', third = '', fourth = ''] = await row(caller, 4)
  const list = await client.lists.create.mutate({ name: 'Elsewhere' })
  const other = await client.tasks.create.mutate({ title: 'other', listId: list.id })
  await crowd(third, [fourth])
  const head = await headOf(caller)
  await client.tasks.createMany.mutate({
    tasks: [
      { title: 'behind the first', after: first },
      { title: 'behind the third', after: third },
      { title: 'behind the other', after: other.id, listId: list.id },
    ],
  })
  const changes = await changesAfter(caller, head)
  expect(changes.map(({ action, entityId }) => (action === 'move' ? entityId : action))).toEqual([
    fourth,
    'create',
    'create',
    'create',
  ])
  const order = await orderOf(caller, null)
  expect(order.filter((id) => [first, second, third, fourth].includes(id))).toEqual([first, second, third, fourth])
})
