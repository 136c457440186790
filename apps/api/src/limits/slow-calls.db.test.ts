import { type Client, createClient } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { metric, startTestService, until } from '../testing/service.ts'

const service = await startTestService({ env: { DATABASE_POOL_MAX: '40' } })
afterAll(() => service[Symbol.asyncDispose]())

/** Retries calls, since a call that waits too long fails with OVERLOADED. */
const retryingClient = (token: string): Client => createClient({ url: service.url, token, retry: { attempts: 20 } })
const gauge = async (name: string): Promise<number> => await metric(service.url, `taskwire_${name} `)

test('slow calls of many users use two of forty connections, and short calls do not wait for them', async () => {
  const large = await Promise.all(Array.from({ length: 4 }, async () => await newCaller(service)))
  const otherUser = await newCaller(service)
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { slowCalls } = await admin.sql.begin(async (sql) => {
    // Reads of tasks wait for the lock, and no earlier call has been measured as quick.
    await sql`lock table tw.tasks in access exclusive mode`
    const all = large.flatMap(({ client }) => [
      client.tasks.count.query({}),
      client.tags.list.query({}),
      client.tasks.list.query({ filter: { search: 'x' } }),
    ])
    await until(async () => (await gauge('slow_waiting')) === all.length - 2)
    expect([await gauge('slow_running'), await gauge('pool_busy'), await gauge('pool_waiting')]).toEqual([2, 2, 0])
    await otherUser.client.lists.create.mutate({ name: 'List' })
    expect((await otherUser.client.lists.list.query({})).items).toHaveLength(1)
    // Users with slow calls in progress can still make short ones.
    for (const { client } of large) expect((await client.lists.list.query({})).items).toEqual([])
    return { slowCalls: all }
  })
  await Promise.allSettled(slowCalls)
  expect([await gauge('slow_running'), await gauge('slow_waiting')]).toEqual([0, 0])
})

test('a slow mutation waits for other slow calls, and later mutations of its space wait for it', async () => {
  const client = retryingClient((await newCaller(service)).user.token)
  const other = retryingClient((await newCaller(service)).user.token)
  const { id } = await client.tasks.create.mutate({ title: 'x' })
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { calls } = await admin.sql.begin(async (sql) => {
    await sql`lock table tw.tasks in access exclusive mode`
    const counts = [other.tasks.count.query({}), other.tags.list.query({})]
    await until(async () => (await gauge('slow_running')) === 2)
    const bulk = client.tasks.bulk.mutate({ filter: { complete: false }, maxAffected: 9, action: { type: 'delete' } })
    await until(async () => (await gauge('slow_waiting')) === 1)
    const restore = client.tasks.restore.mutate({ id })
    await until(async () => (await gauge('writes_waiting')) === 1)
    return { calls: Promise.all([bulk, restore, ...counts]) }
  })
  const [bulk, restored] = await calls
  expect(bulk.affected).toBe(1)
  expect(restored).toMatchObject({ id, deletedAt: null })
})
