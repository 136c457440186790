import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, callerOf, headOf, newCaller } from '../../testing/caller.ts'

const service = await startTestService()
const secondInstance = await startTestService({ database: service.database })
afterAll(async () => {
  await secondInstance[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

interface Sent {
  path: string
  input: Record<string, unknown>
}

/** Prepares a hundred mutations of many kinds, including no-ops. They can be sent in any order. */
async function prepareHundred(caller: Caller): Promise<{ sent: Sent[]; changed: number }> {
  const { tasks } = await caller.client.tasks.createMany.mutate({
    tasks: Array.from({ length: 90 }, (_, at) => ({ title: `${at}`, tags: [`group ${Math.floor(at / 10)}`] })),
  })
  const list = await caller.client.lists.create.mutate({ name: 'Home' })
  await caller.client.tasks.bulk.mutate({ ids: tasks.slice(70).map(({ id }) => id), action: { type: 'delete' } })
  const sent: Sent[] = []
  const addTen = (from: number, path: string, more: object = {}): void => {
    for (const { id } of tasks.slice(from, from + 10)) sent.push({ path, input: { id, ...more } })
  }
  for (let nr = 0; nr < 10; nr++) sent.push({ path: 'tasks.create', input: { title: `new ${nr}`, after: null } })
  for (let nr = 0; nr < 10; nr++)
    sent.push({
      path: 'tasks.createMany',
      input: { tasks: [{ title: 'x' }, { title: 'y' }], mutationId: randomUUID() },
    })
  addTen(0, 'tasks.update', { changes: { title: 'renamed' } })
  addTen(10, 'tasks.complete')
  addTen(20, 'tasks.complete', { complete: false })
  addTen(30, 'tasks.move', { listId: list.id })
  addTen(40, 'tasks.delete')
  addTen(50, 'tasks.purge')
  addTen(70, 'tasks.restore')
  sent.push(
    {
      path: 'tasks.bulk',
      input: { filter: { tags: { all: ['group 6'] } }, action: { type: 'purge' }, maxAffected: 10 },
    },
    { path: 'tasks.bulk', input: { ids: tasks.slice(80, 85).map(({ id }) => id), action: { type: 'restore' } } },
  )
  for (let nr = 0; nr < 8; nr++) sent.push({ path: 'lists.create', input: { name: `List ${nr}` } })
  // Rows that change: 10 + 20 created, ten by each of six kinds (reopening open tasks changes none), 10 + 5 in bulk, 8
  // lists.
  return {
    sent: sent.map(({ path, input }) => ({ path, input: { ...input, mutationId: randomUUID() } })),
    changed: 113,
  }
}

async function countRecords({ user }: Caller): Promise<number> {
  const [row] = await service.admin('select count(*)::int as n from tw.mutations where space_id = $1', [user.id])
  return Number(row?.['n'])
}

for (const together of [false, true])
  test(`sent twice ${together ? 'at once, to two instances' : 'one after the other'}, each of a hundred mutations takes effect once and returns the same reply`, async () => {
    const caller = await newCaller(service)
    const other = callerOf(secondInstance, caller.user)
    const { sent, changed } = await prepareHundred(caller)
    expect(sent).toHaveLength(100)
    const [head, records] = [await headOf(caller), await countRecords(caller)]
    const call = async ({ path, input }: Sent, by: Caller): Promise<string> => {
      const { status, text } = await by.call(path, input)
      expect(status, text).toBe(200)
      return text
    }
    const replies: string[] = []
    for (const mutation of sent) {
      const first = call(mutation, caller)
      if (!together) await first
      const second = call(mutation, other)
      expect(await second).toBe(await first)
      replies.push(await first)
    }
    expect(await headOf(caller)).toBe(head + changed)
    expect(await countRecords(caller)).toBe(records + 100)
    // Sent again, many at once, each returns its first reply.
    const again: string[] = []
    for (let at = 0; at < sent.length; at += 20)
      again.push(...(await Promise.all(sent.slice(at, at + 20).map((mutation) => call(mutation, caller)))))
    expect(again).toEqual(replies)
    expect(await headOf(caller)).toBe(head + changed)
  })

test('another payload with the same mutation id is refused, and changes nothing', async () => {
  const caller = await newCaller(service)
  const mutationId = randomUUID()
  const { result } = await caller.call('tasks.create', { title: 'a', tags: ['x', 'y'], mutationId })
  const { id } = (result?.data ?? {}) as { id?: string }
  const others: [string, object][] = [
    ['tasks.create', { title: 'b', tags: ['x', 'y'] }],
    ['tasks.create', { title: 'a', tags: ['y', 'x'] }],
    ['tasks.create', { title: 'a', tags: ['x', 'y'], priority: 'none' }],
    ['tasks.create', { title: 'a', tags: ['x', 'y'], description: null }],
    ['tasks.create', { title: 'a ', tags: ['x', 'y'] }],
    ['tasks.createMany', { tasks: [{ title: 'a', tags: ['x', 'y'] }] }],
    ['tasks.delete', { id }],
    ['tasks.purge', { id }],
  ]
  for (const [path, input] of others) {
    const { error, status } = await caller.call(path, { ...input, mutationId })
    expect([status, error?.data.appCode]).toEqual([422, 'MUTATION_ID_REUSED'])
  }
  expect(await headOf(caller)).toBe(1)
})

test('expectedRevision, key order and the case of the mutation id are not part of the payload', async () => {
  const caller = await newCaller(service)
  const { id } = await caller.client.tasks.create.mutate({ title: 'a' })
  const mutationId = randomUUID()
  const changes = { title: 'b', due: { date: '2026-01-01', time: '10:00', timeZone: 'UTC' } }
  const reordered = { due: { timeZone: 'UTC', time: '10:00', date: '2026-01-01' }, title: 'b' }
  const first = await caller.call('tasks.update', { id, changes, mutationId })
  const repeats = [
    { mutationId, changes: reordered, id },
    { id, changes, mutationId, expectedRevision: 1 },
    { id, changes, mutationId, expectedRevision: 999 },
    { id, changes, mutationId: mutationId.toUpperCase() },
  ]
  for (const input of repeats) expect((await caller.call('tasks.update', input)).text).toBe(first.text)
  expect(await headOf(caller)).toBe(2)
})

test('two users can use the same mutation id', async () => {
  const [one, two] = [await newCaller(service), await newCaller(service)]
  const mutationId = randomUUID()
  for (const [caller, title] of [
    [one, 'a'],
    [two, 'b'],
  ] as const) {
    await caller.client.tasks.create.mutate({ title, mutationId })
    expect(await headOf(caller)).toBe(1)
  }
})
