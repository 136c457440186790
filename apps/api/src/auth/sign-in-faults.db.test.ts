import { connectOnce } from '@taskwire/db'
import { createTestDatabase, startProxy } from '@taskwire/db/testing'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

// What becomes of signing in when its own connections hang, die or are cut: the calls' are sound.

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
async function heals(cookie: string): Promise<void> {
  await vi.waitUntil(async () => (await session(cookie)) === 200, { timeout: 60_000 })
}

test.each([
  ['hang', () => proxy.blackHole()],
  ['are half-open', () => proxy.breakAll('silence')],
  ['are reset', () => proxy.breakAll('reset')],
] as const)('when they %s every request is answered, calls are served, and it heals', async (_, spoil) => {
  const { cookie, token } = await service.signUp()
  await heals(cookie)
  spoil()
  const answers = Promise.all(Array.from({ length: 20 }, async () => await session(cookie)))
  const call = { path: '/trpc/me.get', headers: { authorization: `Bearer ${token}` } }
  expect(await send(service.url, call)).toMatchObject({ status: 200 })
  for (const status of await answers) expect([200, 503, 504]).toContain(status)
  proxy.resume()
  await heals(cookie)
})

test('those killed while nobody signs in are not met by the next', async () => {
  const { cookie } = await service.signUp()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await admin.sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'taskwire_auth' and datname = ${database.name}`
  await proxy.settled()
  await heals(cookie)
})

test('a statement that waits for a lock ends, and so many may wait for it', async () => {
  const { cookie } = await service.signUp()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  const answers = await admin.sql.begin(async (sql) => {
    await sql`lock table auth.sessions in access exclusive mode`
    const held = Array.from({ length: 100 }, async () => await session(cookie))
    const statuses = await Promise.all(held)
    return statuses
  })
  expect([503, 504]).toEqual(expect.arrayContaining([...new Set(answers)]))
  await heals(cookie)
})
