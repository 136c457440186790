import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function createRow(caller: Caller, length: number): Promise<string[]> {
  const { tasks } = await caller.client.tasks.createMany.mutate({
    tasks: Array.from({ length }, (_, at) => ({ title: `${at}` })),
  })
  return tasks.map((task) => task.id)
}

/** Places the others so close after the first task that no position is left between it and them. */
async function crowd(first: string, others: readonly string[]): Promise<void> {
  await service.admin(
    `update tw.tasks t set position = f.position || repeat('0', 53) || lpad(to_hex(x.nr), 4, '0') || '1'
    from tw.tasks f, unnest(string_to_array($2, ',')::uuid[]) with ordinality x(id, nr) where f.id = $1 and t.id = x.id`,
    [first, others.join()],
  )
}

test('tasks can be created at one position hundreds of times: a rebalance moves the neighbours, with Changes', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [first = '', last = ''] = await createRow(caller, 2)
  const inserted: string[] = []
  for (let nr = 0; nr < 240; nr++)
    inserted.unshift((await client.tasks.create.mutate({ title: `${nr}`, after: first })).id)
  expect(await orderOf(caller, null)).toEqual([first, ...inserted, last])

  const changes = await changesAfter(caller, 2)
  const rebalanced = changes.filter(({ action }) => action === 'move')
  expect(rebalanced.length).toBeGreaterThan(200)
  expect(rebalanced.length).toBeLessThan(500)
  expect(new Set(rebalanced.map(({ commit }) => commit)).size).toBe(1)
  expect(new Set(rebalanced.map(({ mutationId }) => mutationId))).toEqual(new Set([null]))
  expect(new Set(rebalanced.map(({ actor }) => actor.kind))).toEqual(new Set(['system']))
  for (const { after } of rebalanced) expect(Object.keys(after ?? {})).toEqual(['position'])
  const [change] = rebalanced
  const task = await client.tasks.get.query({ id: change?.entityId ?? '' })
  expect(task).toMatchObject({
    revision: change?.revision,
    updatedAt: change?.at,
    ...change?.after,
  })
})

test('500 tasks can be created after one task, each after the one before', async () => {
  const caller = await newCaller(service)
  const [first = '', last = ''] = await createRow(caller, 2)
  await crowd(first, [last])
  const ids = Array.from({ length: 500 }, () => crypto.randomUUID())
  const tasks = ids.map((id, at) => ({ id, title: 'x', after: at === 0 ? first : (ids[at - 1] ?? null) }))
  await caller.client.tasks.createMany.mutate({ tasks })
  expect(await orderOf(caller, null)).toEqual([first, ...ids, last])
})

test('expectedRevision of a move is checked before a rebalance changes the task', async () => {
  const caller = await newCaller(service)
  const [first = '', second = '', third = '', fourth = ''] = await createRow(caller, 4)
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
  // The rebalance was a commit of its own, before the move.
  await caller.client.changes.revert.mutate({ revision: moved.revision })
  expect(await orderOf(caller, null)).toEqual([first, second, third, fourth])
})

test('a refused call does not rebalance', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [first = '', second = '', third = ''] = await createRow(caller, 3)
  await crowd(first, [second, third])
  const head = await headOf(caller)
  const unknown = crypto.randomUUID()
  for (const call of [
    client.tasks.createMany.mutate({
      tasks: [
        { title: 'x', after: first },
        { title: 'x', after: unknown },
      ],
    }),
    client.tasks.create.mutate({ title: 'x', after: first, id: second }),
    client.tasks.move.mutate({ id: third, after: first, listId: unknown }),
    client.tasks.move.mutate({ id: unknown, after: first }),
    client.tasks.move.mutate({ id: third, after: first, expectedRevision: 1 }),
  ])
    expect((await refused(call)).appCode).toMatch(/NOT_FOUND|ALREADY_EXISTS|REVISION_CONFLICT/)
  expect(await headOf(caller)).toBe(head)
})

test('hundreds of tasks can be created one after the other, each just before the same task', async () => {
  const caller = await newCaller(service)
  const [first = '', last = ''] = await createRow(caller, 2)
  const ids = [first]
  for (let nr = 0; nr < 300; nr++)
    ids.push((await caller.client.tasks.create.mutate({ title: `${nr}`, after: ids.at(-1) ?? null })).id)
  expect(await orderOf(caller, null)).toEqual([...ids, last])
})

test('a task after the last possible position is refused', async () => {
  const caller = await newCaller(service)
  const [id = ''] = await createRow(caller, 1)
  await service.admin(`update tw.tasks set position = 'ffffffff' where id = $1`, [id])
  const refusal = await refused(caller.client.tasks.create.mutate({ title: 'x' }))
  expect(refusal.appCode).toBe('LIMIT_EXCEEDED')
  expect(await headOf(caller)).toBe(1)
  await caller.client.tasks.create.mutate({ title: 'x', after: null })
})

test('a rebalance spreads hundreds of crowded tasks', async () => {
  const caller = await newCaller(service)
  const [first = '', ...others] = [...(await createRow(caller, 500)), ...(await createRow(caller, 150))]
  await crowd(first, others.slice(0, -1))
  const { id } = await caller.client.tasks.create.mutate({ title: 'in between', after: first })
  expect(await orderOf(caller, null)).toEqual([first, id, ...others])
})

test('a call rebalances only the crowded positions of a list', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [first = '', second = '', third = '', fourth = ''] = await createRow(caller, 4)
  const list = await client.lists.create.mutate({ name: 'Elsewhere' })
  const other = await client.tasks.create.mutate({ title: 'other', listId: list.id })
  await crowd(third, [fourth])
  const head = await headOf(caller)
  await client.tasks.createMany.mutate({
    tasks: [
      { title: 'after the first', after: first },
      { title: 'after the third', after: third },
      { title: 'after the other', after: other.id, listId: list.id },
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
