import { randomUUID } from 'node:crypto'
import { type AnyProcedure, contract } from '@taskwire/contract'
import { createTestDatabase, startProxy } from '@taskwire/db/testing'
import { afterAll, expect, test, vi } from 'vitest'
import { openRaw } from '../testing/streams.ts'
import { type Caller, newCaller } from '../testing/caller.ts'
import { procedureOf } from '../testing/check-reply.ts'
import { metric, startTestService, until } from '../testing/service.ts'

/**
 * What each procedure costs between the service and its database, on a connection that knows its
 * statements: one round trip, with the caller's credential, the row security and the commit in it.
 */
const database = await createTestDatabase()
const proxy = await startProxy(database.app)
const through = new URL(database.url('taskwire_app'))
through.host = `127.0.0.1:${proxy.port}`
// Connections that are idle for 15 s are asked for a sign of life, which costs too: not here, however long it takes.
vi.useFakeTimers({ toFake: ['setInterval'] })
const service = await startTestService({
  database,
  env: { DATABASE_URL: through.href, DATABASE_DIRECT_URL: database.url('taskwire_app') },
  // Heartbeats, and no poll meanwhile.
  feedTimes: { heartbeatMs: 20, watchMs: 3_600_000 },
})
vi.useRealTimers()
// Nor is the opening of those that are kept counted.
await until(async () => (await metric(service.url, 'taskwire_pool_open')) === 5)
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await proxy.close()
  await database[Symbol.asyncDispose]()
})
const caller = await newCaller(service)
const { client } = caller

let made = 0
const title = (): string => `Task ${++made}`
const tags = (): Promise<{ id: string; revision: number }> =>
  client.tasks.create.mutate({ title: title(), tags: ['a', `b ${made}`], due: { date: '2026-11-22' } })
const task = async (): Promise<{ id: string }> => ({ id: (await tags()).id })
const list = async (): Promise<{ id: string }> => ({ id: (await client.lists.create.mutate({ name: title() })).id })
const trashed = (): Promise<{ id: string }> => task().then((input) => client.tasks.delete.mutate(input))

/** What it costs, and an input of its own for each time that it is asked. */
const procedures: Record<string, [number, () => object | Promise<object>]> = {
  'tasks.create': [1, () => ({ title: title(), tags: ['a'], due: { date: '2026-11-22' } })],
  'tasks.createMany': [1, () => ({ tasks: Array.from({ length: 500 }, () => ({ title: title() })) })],
  'tasks.get': [1, task],
  'tasks.list': [
    1,
    () => ({ filter: { tags: { any: ['a'] }, search: 'task' }, sort: { by: 'due', direction: 'asc' } }),
  ],
  'tasks.count': [1, () => ({})],
  'tasks.update': [1, async () => ({ ...(await task()), changes: { title: 'Another', complete: true } })],
  'tasks.complete': [1, task],
  'tasks.move': [1, async () => ({ ...(await task()), listId: (await list()).id })],
  'tasks.delete': [1, task],
  'tasks.restore': [1, async () => ({ id: (await trashed()).id })],
  'tasks.purge': [1, task],
  'tasks.bulk': [
    1,
    () => ({
      filter: { tags: { any: ['a'] } },
      maxAffected: 10_000,
      action: { type: 'update', changes: { title: title() } },
    }),
  ],
  'lists.create': [1, () => ({ name: title() })],
  'lists.update': [1, async () => ({ ...(await list()), changes: { name: title() } })],
  'lists.delete': [1, async () => ({ ...(await list()), tasks: 'trash' })],
  'lists.list': [1, () => ({})],
  'tags.list': [1, () => ({})],
  'tags.rename': [1, async () => tags().then(() => ({ from: `b ${made}`, to: `c ${made}` }))],
  'changes.list': [1, () => ({ after: 0, limit: 500 })],
  'changes.revert': [1, async () => ({ revision: (await tags()).revision })],
  'keys.create': [1, () => ({ name: title(), scopes: ['tasks:read'] })],
  'keys.revoke': [
    1,
    async () => ({ id: (await client.keys.create.mutate({ name: title(), scopes: ['account'] })).key.id }),
  ],
  'keys.list': [1, () => ({})],
  'me.get': [1, () => ({})],
  'me.update': [1, () => ({ name: title() })],
  'me.export': [1, () => ({})],
  'system.health': [0, () => ({})],
  'system.contract': [0, () => ({})],
  'me.delete': [1, () => ({})],
}

test('each procedure of the contract is here', () => {
  const all = Object.entries(contract).flatMap(([namespace, verbs]) =>
    Object.entries<AnyProcedure>(verbs)
      // A stream has a test of its own, below.
      .filter(([, { kind }]) => kind !== 'subscription')
      .map(([verb]) => `${namespace}.${verb}`),
  )
  expect(Object.keys(procedures).toSorted()).toEqual(all.toSorted())
})

/** A credential's first mutation costs a look-up, of the space that it acts in. */
async function newKnown(): Promise<Caller> {
  const known = await newCaller(service)
  await known.client.me.get.query({})
  return known
}

test.each(Object.entries(procedures))('%s', async (path, [cost, input]) => {
  const once = async (): Promise<number> => {
    // An account ends with its deletion.
    const { call } = path === 'me.delete' ? await newKnown() : caller
    const sent = { ...(await input()), ...(procedureOf(path).kind === 'mutation' ? { mutationId: randomUUID() } : {}) }
    proxy.reset()
    expect(await call(path, sent)).toMatchObject({ status: 200 })
    return proxy.roundTrips
  }
  // The first two prepare what is not known yet.
  await once()
  await once()
  expect(await once()).toBe(cost)
})

test('a stream costs one for each commit, which those of one caller share, and nothing of its own while it is idle', async () => {
  const { client, user } = await newCaller(service)
  const open = async (): ReturnType<typeof openRaw> =>
    await openRaw(service.url, { authorization: `Bearer ${user.token}` })
  using one = await open()
  using two = await open()
  const until = async (type: string, count = 1): Promise<void> => {
    for (const stream of [one, two])
      for (let left = count; left > 0;) {
        const { data } = await stream.next('message')
        if ((data as { type: string }).type === type) left--
      }
  }
  const costOfOne = async (): Promise<number> => {
    // Heartbeats come once there is nothing to read.
    await until('head', 3)
    proxy.reset()
    await until('head', 3)
    expect(proxy.roundTrips).toBe(0)
    await client.tasks.create.mutate({ title: title() })
    await until('change')
    return proxy.roundTrips
  }
  // The first two prepare what is not known yet.
  await costOfOne()
  await costOfOne()
  expect(await costOfOne()).toBe(2)
})
