import { createClient } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { metric, startTestService, type TestUser, until } from '../testing/service.ts'
import { type Received, refusalOf, send } from '../testing/wire.ts'

const CONNECTIONS = 5
const service = await startTestService({ env: { DATABASE_POOL_MAX: String(CONNECTIONS) } })
afterAll(() => service[Symbol.asyncDispose]())
const { url } = service

const gauge = async (name: string): Promise<number> => await metric(url, `taskwire_${name} `)
const create = async (token: string, headers: Record<string, string> = {}): Promise<Received> =>
  await send(url, {
    method: 'POST',
    path: '/trpc/tasks.create',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: '{"title":"x"}',
  })

/** The number of the service's connections that wait for a lock. */
async function lockWaiters(): Promise<number> {
  const [row] = await service.admin(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and usename = 'taskwire_app' and wait_event_type = 'Lock'`,
  )
  return Number(row?.['count'])
}

/** Creates a second session and a key of a user. */
async function createMoreCredentials({ email, password, token }: TestUser): Promise<string[]> {
  const { text } = await send(url, {
    method: 'POST',
    path: '/auth/sign-in/email',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const session = JSON.parse(text) as { token: string }
  const key = await createClient({ url, token }).keys.create.mutate({ name: 'k', scopes: ['tasks:write'] })
  return [session.token, key.secret]
}

// Mutations whose space is not known yet may use a quarter of the connections: here one, besides the one of the space.
test.each([
  ['unknown', false, 2],
  ['known', true, 1],
])('twenty mutations of one space by three %s credentials wait on few connections', async (_name, isKnown, most) => {
  const [{ user }, reader, writer] = [await newCaller(service), await newCaller(service), await newCaller(service)]
  const tokens = [user.token, ...(await createMoreCredentials(user))]
  const spellings = [{}, { 'x-taskwire-space': user.id }, { 'x-taskwire-space': user.id.toUpperCase() }]
  const senders = tokens.flatMap((token) => spellings.map((headers) => ({ token, headers })))
  if (isKnown)
    for (const { token, headers } of senders) expect(await create(token, headers)).toMatchObject({ status: 200 })
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { mutations } = await admin.sql.begin(async (sql) => {
    await sql`select from tw.spaces where id = ${user.id} for update`
    const mutations = Array.from({ length: 20 }, async (_, nr) => {
      const { token = '', headers } = senders[nr % senders.length] ?? {}
      return await create(token, headers)
    })
    await until(
      async () =>
        (await gauge('writes_waiting')) + (await gauge('pool_busy')) + (await gauge('pool_waiting')) >=
        mutations.length,
    )
    expect(await lockWaiters()).toBe(most)
    expect((await reader.client.tasks.list.query({})).items).toEqual([])
    await writer.client.tasks.create.mutate({ title: 'meanwhile' })
    expect(await lockWaiters()).toBe(most)
    // Wrapped in an object: the driver awaits returned promises before it releases the lock.
    return { mutations }
  })
  const statuses = (await Promise.all(mutations)).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set([200]))
})

test('a caller who may not act in a space does not wait for its limit', async () => {
  const [{ user }, { user: stranger }] = [await newCaller(service), await newCaller(service)]
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { mutation } = await admin.sql.begin(async (sql) => {
    await sql`select from tw.spaces where id = ${user.id} for update`
    const mutation = create(user.token)
    await until(async () => (await lockWaiters()) === 1)
    const refusal = refusalOf(await create(stranger.token, { 'x-taskwire-space': user.id }))
    expect(refusal).toMatchObject({ appCode: 'NOT_FOUND', fields: [{ path: 'space' }] })
    return { mutation }
  })
  expect(await mutation).toMatchObject({ status: 200 })
})
