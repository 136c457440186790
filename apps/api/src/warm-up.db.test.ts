import { subscribe } from 'node:diagnostics_channel'
import { connectOnce, SENT_QUERIES, type SentQuery } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { metric } from './testing/metrics.ts'
import { startTestService } from './testing/service.ts'
import { send } from './testing/wire.ts'

const observer = await startTestService()
afterAll(() => observer[Symbol.asyncDispose]())

test("a warm-up leaves no account, no line in the server's log, no counted call and no buffered byte", async () => {
  const sent = new Set<string>()
  subscribe(SENT_QUERIES, (message) => sent.add((message as SentQuery).name))
  await using service = await startTestService({ warmsUp: true })
  await service.service.ready
  expect([...sent]).toEqual(
    expect.arrayContaining(['tasks.get', 'tasks.list.by-position', 'tasks.count', 'changes.list']),
  )
  const { status } = await send(service.url, { path: '/health/ready' })
  expect(status).toBe(200)
  for (const table of ['auth.users', 'tw.spaces', 'tw.tasks', 'tw.changes', 'auth.sessions'])
    expect([table, await service.admin(`select from ${table}`)]).toEqual([table, []])
  expect(service.log.filter((line) => !line.includes('Server listening'))).toEqual([])
  expect((await send(service.url, { path: '/metrics' })).text).not.toContain('taskwire_calls_total{')
  expect(await metric(service.url, 'taskwire_buffered_bytes')).toBe(0)
})

test('while it warms up, a service serves calls, but is not ready', async () => {
  await using database = await createTestDatabase()
  await using first = await startTestService({ database })
  const { token } = await first.signUp()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await admin.sql.begin(async (sql) => {
    // Creating the account of the warm-up waits for this lock.
    await sql`lock table auth.accounts in exclusive mode`
    await using service = await startTestService({ database, warmsUp: true })
    const { status, text } = await send(service.url, { path: '/health/ready' })
    expect([status, text]).toEqual([503, expect.stringContaining('The service is warming up')])
    const headers = { authorization: `Bearer ${token}` }
    expect((await send(service.url, { path: '/trpc/tasks.list', headers })).status).toBe(200)
  })
})

test('a service that cannot warm up is ready anyway, and logs why', async () => {
  await using database = await createTestDatabase()
  await using first = await startTestService({ database })
  await first.admin('drop function auth.sign_up')
  await using service = await startTestService({ database, warmsUp: true })
  await service.service.ready
  expect((await send(service.url, { path: '/health/ready' })).status).toBe(200)
  expect(service.log.join('')).toContain('could not warm up')
})

test('warm-up accounts that killed services left are deleted after an hour, and no other accounts are', async () => {
  await using database = await createTestDatabase()
  await using first = await startTestService({ database })
  const add = async (email: string, age: string): Promise<unknown> =>
    await first.admin(
      `insert into auth.users (id, name, email, time_zone, created_at) values (gen_random_uuid(), 'x', $1, 'UTC', now() - $2::interval)`,
      [email, age],
    )
  await add('warm-up-old@taskwire.invalid', '61 minutes')
  await add('warm-up-new@taskwire.invalid', '59 minutes')
  for (const email of ['warm-up-old@example.com', 'x-warm-up-old@taskwire.invalid']) await add(email, '61 minutes')
  await using service = await startTestService({ database, warmsUp: true })
  await service.service.ready
  const rows = await service.admin(`select email from auth.users order by email`)
  expect(rows.map(({ email }) => email)).toEqual([
    'warm-up-new@taskwire.invalid',
    'warm-up-old@example.com',
    'x-warm-up-old@taskwire.invalid',
  ])
})
