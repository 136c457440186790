import { randomUUID } from 'node:crypto'
import { createClient } from '@taskwire/client'
import { type AnyProcedure, contract } from '@taskwire/contract'
import { createTestDatabase, startProxy } from '@taskwire/db/testing'
import { afterAll, expect, test, vi } from 'vitest'
import { openRawStream } from '../testing/streams.ts'
import { type Caller, newCaller } from '../testing/caller.ts'
import { procedureOf } from '../testing/check-reply.ts'
import { startTestIssuer } from '../testing/issuer.ts'
import { metric, startTestService, until } from '../testing/service.ts'

// Counts the round trips of each procedure between the service and its database, on a connection that has prepared its
// statements. There is one, which also authenticates the caller and commits.

const database = await createTestDatabase()
const proxy = await startProxy(database.app)
const proxiedUrl = new URL(database.url('taskwire_app'))
proxiedUrl.host = `127.0.0.1:${proxy.port}`
// Fakes the timer that pings connections idle for 15 s, since pings are round trips too.
vi.useFakeTimers({ toFake: ['setInterval'] })
const issuer = await startTestIssuer()
const service = await startTestService({
  database,
  env: { ...issuer.env, DATABASE_URL: proxiedUrl.href, DATABASE_DIRECT_URL: database.url('taskwire_app') },
  // Frequent heartbeats, and no poll.
  feedTimes: { heartbeatMs: 20, pollMs: 3_600_000 },
})
vi.useRealTimers()
// Waits until the pool has opened the connections that it keeps: the round trips of opening must not be counted.
await until(async () => (await metric(service.url, 'taskwire_pool_open')) === 5)
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await proxy.close()
  await issuer[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
const caller = await newCaller(service)
const { client } = caller

let titles = 0
const title = (): string => `Task ${++titles}`
const taggedTask = (): Promise<{ id: string; revision: number }> =>
  client.tasks.create.mutate({ title: title(), tags: ['a', `b ${titles}`], due: { date: '2026-11-22' } })
const task = async (): Promise<{ id: string }> => ({ id: (await taggedTask()).id })
const list = async (): Promise<{ id: string }> => ({ id: (await client.lists.create.mutate({ name: title() })).id })
const users = { authorization: `Bearer ${await service.addServiceKey('users')}` }
const user = async (): Promise<{ id: string }> =>
  await createClient({ url: service.url, token: users.authorization.slice('Bearer '.length) }).users.create.mutate({
    externalId: randomUUID(),
    name: 'x',
  })
const trashed = (): Promise<{ id: string }> => task().then((input) => client.tasks.delete.mutate(input))

/** The round trips of each procedure, and a function that makes an input for each call. */
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
  'tags.rename': [1, async () => taggedTask().then(() => ({ from: `b ${titles}`, to: `c ${titles}` }))],
  'changes.list': [1, () => ({ after: 0, limit: 500 })],
  'changes.revert': [1, async () => ({ revision: (await taggedTask()).revision })],
  'keys.create': [1, () => ({ name: title(), scopes: ['tasks:read'] })],
  'keys.revoke': [
    1,
    async () => ({ id: (await client.keys.create.mutate({ name: title(), scopes: ['account'] })).key.id }),
  ],
  'keys.list': [1, () => ({})],
  'me.get': [1, () => ({})],
  'me.update': [1, () => ({ name: title() })],
  'me.export': [1, () => ({})],
  'users.create': [1, () => ({ externalId: randomUUID(), name: 'x' })],
  'users.update': [1, async () => ({ id: (await user()).id, changes: { name: title() } })],
  'users.delete': [1, async () => ({ id: (await user()).id })],
  'users.list': [1, () => ({})],
  'system.health': [0, () => ({})],
  'system.contract': [0, () => ({})],
  'me.delete': [1, () => ({})],
}

/** Inputs for which a procedure sends another statement. */
const otherInputs: typeof procedures = {
  'changes.list': [1, async () => ({ after: 0, entityId: (await task()).id })],
}

test('each procedure of the contract has a row', () => {
  const all = Object.entries(contract).flatMap(([namespace, verbs]) =>
    Object.entries<AnyProcedure>(verbs)
      // The stream has its own test, below.
      .filter(([, { kind }]) => kind !== 'subscription')
      .map(([verb]) => `${namespace}.${verb}`),
  )
  expect(Object.keys(procedures).toSorted()).toEqual(all.toSorted())
})

/** Returns a new caller that has made a call: the first call of a credential may look up its space. */
async function newKnownCaller(): Promise<Caller> {
  const newest = await newCaller(service)
  await newest.client.me.get.query({})
  return newest
}

const rows = [...Object.entries(otherInputs), ...Object.entries(procedures)]
test.each(rows)('%s takes its number of round trips', async (path, [expected, input]) => {
  const roundTripsOfCall = async (): Promise<number> => {
    // me.delete deletes the account that calls it.
    const { call } = path === 'me.delete' ? await newKnownCaller() : caller
    const sent = { ...(await input()), ...(procedureOf(path).kind === 'mutation' ? { mutationId: randomUUID() } : {}) }
    proxy.reset()
    expect(await call(path, sent, path.startsWith('users.') ? users : {})).toMatchObject({ status: 200 })
    return proxy.roundTrips
  }
  // The first two calls prepare the statements.
  await roundTripsOfCall()
  await roundTripsOfCall()
  expect(await roundTripsOfCall()).toBe(expected)
})

test('a call of a known user of an issuer takes one round trip too, and the first call of a user three', async () => {
  const token = await issuer.sign(randomUUID())
  const { me, tasks } = createClient({ url: service.url, token })
  const roundTripsOf = async (call: () => Promise<unknown>): Promise<number> => {
    proxy.reset()
    await call()
    return proxy.roundTrips
  }
  // Prepares the statements.
  for (let nr = 0; nr < 2; nr++)
    await createClient({ url: service.url, token: await issuer.sign(randomUUID()) }).me.get.query()
  expect(await roundTripsOf(async () => await me.get.query())).toBe(3)
  // For some seconds, an account counts as new.
  await service.admin(`update auth.users set created_at = now() - interval '1 minute' where external_id is not null`)
  await tasks.create.mutate({ title: title() })
  for (const call of [() => me.get.query(), () => tasks.create.mutate({ title: title() })])
    expect(await roundTripsOf(call)).toBe(1)
})

test('the streams of a caller share one round trip for each commit, and take none while idle', async () => {
  const { client, user } = await newCaller(service)
  const open = async (): ReturnType<typeof openRawStream> =>
    await openRawStream(service.url, { authorization: `Bearer ${user.token}` })
  using first = await open()
  using second = await open()
  const receive = async (type: string, count = 1): Promise<void> => {
    for (const stream of [first, second])
      for (let left = count; left > 0;) {
        const { data } = await stream.next('message')
        if ((data as { type: string }).type === type) left--
      }
  }
  const roundTripsOfCommit = async (): Promise<number> => {
    // A stream sends heartbeats once it has read everything.
    await receive('head', 3)
    proxy.reset()
    await receive('head', 3)
    expect(proxy.roundTrips).toBe(0)
    await client.tasks.create.mutate({ title: title() })
    await receive('change')
    return proxy.roundTrips
  }
  // The first two commits prepare the statements. Then one round trip is the mutation's, and one the streams'.
  await roundTripsOfCommit()
  await roundTripsOfCommit()
  expect(await roundTripsOfCommit()).toBe(2)
})
