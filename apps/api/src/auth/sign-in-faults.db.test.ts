import { connectOnce } from '@taskwire/db'
import { createTestDatabase, startProxy } from '@taskwire/db/testing'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

// Only the database connections of the sign-in fail here. The connections for calls work.

const database = await createTestDatabase()
const proxy = await startProxy(database.auth)
const service = await startTestService({
  database,
  env: { DATABASE_AUTH_URL: database.url('taskwire_auth').replace(`:${database.auth.port}/`, `:${proxy.port}/`) },
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await proxy.close()
  await database[Symbol.asyncDispose]()
})
beforeEach(() => proxy.resume())

const session = async (cookie: string): Promise<number> =>
  (await send(service.url, { path: '/auth/get-session', headers: { cookie } })).status
async function untilRecovered(cookie: string): Promise<void> {
  await vi.waitUntil(async () => (await session(cookie)) === 200, { timeout: 60_000 })
}

test.each([
  ['hang', () => proxy.blackHole()],
  ['are half-open', () => proxy.breakAll('silence')],
  ['are reset', () => proxy.breakAll('reset')],
] as const)(
  'while connections of the sign-in %s, every request is answered and calls succeed; then the sign-in recovers',
  async (_, breakConnections) => {
    const { cookie, token } = await service.signUp()
    await untilRecovered(cookie)
    breakConnections()
    const answers = Promise.all(Array.from({ length: 20 }, async () => await session(cookie)))
    const call = { path: '/trpc/me.get', headers: { authorization: `Bearer ${token}` } }
    expect(await send(service.url, call)).toMatchObject({ status: 200 })
    for (const status of await answers) expect([200, 503, 504]).toContain(status)
    proxy.resume()
    await untilRecovered(cookie)
  },
)

test('the sign-in recovers after its idle connections were terminated', async () => {
  const { cookie } = await service.signUp()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await admin.sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'taskwire_auth' and datname = ${database.name}`
  await proxy.settled()
  await untilRecovered(cookie)
})

test('requests that wait for a lock time out, and the sign-in recovers', async () => {
  const { cookie } = await service.signUp()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  const answers = await admin.sql.begin(async (sql) => {
    await sql`lock table auth.sessions in access exclusive mode`
    const sent = Array.from({ length: 100 }, async () => await session(cookie))
    const statuses = await Promise.all(sent)
    return statuses
  })
  expect([503, 504]).toEqual(expect.arrayContaining([...new Set(answers)]))
  await untilRecovered(cookie)
})
