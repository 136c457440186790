import { type Client, createClient } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

const service = await startTestService({ env: { DATABASE_POOL_MAX: '8' } })
afterAll(() => service[Symbol.asyncDispose]())

async function gauges(): Promise<Record<string, number>> {
  const { text } = await send(service.url, { path: '/metrics' })
  return Object.fromEntries(
    [...text.matchAll(/^taskwire_(pool_busy|pool_waiting|reads_waiting|writes_waiting) (\d+)$/gm)].map(
      ([, name = '', value]) => [name, Number(value)],
    ),
  )
}
/** Waits until the gauge is at least `least` with exactly `busy` connections in use. */
async function untilWaiting(name: string, least: number, busy: number): Promise<void> {
  for (;;) {
    const now = await gauges()
    if ((now[name] ?? 0) >= least && now['pool_busy'] === busy && now['pool_waiting'] === 0) return
  }
}
/** Retries calls, since a call that waits too long fails with OVERLOADED. */
const retryingClient = (token: string): Client => createClient({ url: service.url, token, retry: { attempts: 20 } })

test('a hundred mutations of one user use one connection, and do not delay other users', async () => {
  const [busy, other] = [await newCaller(service), await newCaller(service)]
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { mutations } = await admin.sql.begin(async (sql) => {
    // Mutations of this user wait for this lock.
    await sql`select from tw.spaces where id = ${busy.user.id} for update`
    // A single client would send only some of them at once.
    const clients = Array.from({ length: 4 }, () => retryingClient(busy.user.token))
    const all = Array.from(
      { length: 100 },
      async (_, n) => await clients[n % 4]?.tasks.create.mutate({ title: `task ${n}` }),
    )
    await untilWaiting('writes_waiting', 50, 1)
    await other.client.tasks.create.mutate({ title: 'meanwhile' })
    // The user's own reads do not wait either.
    expect((await busy.client.tasks.list.query({})).items).toEqual([])
    return { mutations: all }
  })
  const made = await Promise.all(mutations)
  const revisions = made.map((task) => task?.revision ?? 0).toSorted((a, b) => a - b)
  expect(revisions).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
  expect(await gauges()).toMatchObject({ writes_waiting: 0 })
})

test('a hundred reads of one user use a quarter of the connections', async () => {
  const [busy, other] = [await newCaller(service), await newCaller(service)]
  await busy.client.tasks.create.mutate({ title: 'x' })
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { reads } = await admin.sql.begin(async (sql) => {
    // Only reads of lists wait for this lock.
    await sql`lock table tw.lists in access exclusive mode`
    const client = retryingClient(busy.user.token)
    const all = Array.from({ length: 100 }, async () => await client.lists.list.query({}))
    await untilWaiting('reads_waiting', 50, 2)
    await other.client.tasks.list.query({})
    return { reads: all }
  })
  for (const page of await Promise.all(reads)) expect(page).toEqual({ items: [], nextCursor: null, revision: 1 })
})

test('all credentials of one user share one limit', async () => {
  const { client, user } = await newCaller(service)
  const { secret } = await client.keys.create.mutate({ name: 'k', scopes: ['tasks:write'] })
  // After its first call the process knows the key's user.
  await retryingClient(secret).lists.list.query({})
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { mutations } = await admin.sql.begin(async (sql) => {
    await sql`select from tw.spaces where id = ${user.id} for update`
    const all = [user.token, secret].map(
      async (token) => await retryingClient(token).tasks.create.mutate({ title: 'x' }),
    )
    await untilWaiting('writes_waiting', 1, 1)
    return { mutations: all }
  })
  expect(await Promise.all(mutations)).toHaveLength(2)
})
