import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { type Received, refusalOf, send } from '../testing/wire.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

const get = async (path: string, headers = {}): Promise<Received> => await send(service.url, { path, headers })

test('live and ready are 200 with a JSON body', async () => {
  for (const path of ['/health/live', '/health/ready']) {
    const { status, headers, text } = await get(path)
    expect([status, text]).toEqual([200, '{"status":"ok"}'])
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect((await send(service.url, { method: 'HEAD', path })).status).toBe(200)
  }
})

test('metrics have calls by procedure and outcome, and the state of the pool', async () => {
  const { client, call } = await newCaller(service)
  await client.tasks.create.mutate({ title: 'x' })
  await call('tasks.get', { id: 'x' })
  const { text, headers } = await get('/metrics')
  expect(headers['content-type']).toMatch(/^text\/plain/)
  expect(text).toContain('taskwire_calls_total{procedure="tasks.create",outcome="OK"} 1')
  expect(text).toContain('taskwire_calls_total{procedure="tasks.get",outcome="VALIDATION"} 1')
  expect(text).toMatch(/^taskwire_call_seconds_count\{procedure="tasks.create"\} 1$/m)
  for (const gauge of ['pool_open', 'pool_busy', 'pool_waiting', 'reads_waiting', 'writes_waiting'])
    expect(text).toMatch(new RegExp(`^taskwire_${gauge} \\d+$`, 'm'))
  // Unknown procedures add no labels.
  await get('/trpc/tasks.nothing')
  expect((await get('/metrics')).text).not.toContain('nothing')
})

test('while the database refuses connections, ready is 503, live is 200 and calls are UNAVAILABLE; then the service recovers', async () => {
  await using database = await createTestDatabase()
  await using other = await startTestService({ database })
  const user = await other.signUp()
  const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' }
  const call = async (path: string, method = 'GET'): Promise<Received> =>
    await send(other.url, { method, path, headers, ...(method === 'GET' ? {} : { body: '{"title":"x"}' }) })
  expect((await call('/trpc/tasks.create', 'POST')).status).toBe(200)

  await service.admin(`alter database ${database.name} with allow_connections false`)
  await service.admin('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [
    database.name,
  ])
  // A request that is in progress when its connection ends may get another status.
  for (let status = 0; status !== 503;) ({ status } = await call('/health/ready'))
  expect((await call('/health/ready')).headers['retry-after']).toBe('1')
  expect((await call('/health/live')).status).toBe(200)
  expect((await call('/trpc/system.health')).status).toBe(200)
  for (const answer of [await call('/trpc/tasks.list'), await call('/trpc/tasks.create', 'POST')])
    expect(refusalOf(answer)).toMatchObject({ appCode: 'UNAVAILABLE', retryable: true })

  await service.admin(`alter database ${database.name} with allow_connections true`)
  for (let status = 0; status !== 200;) ({ status } = await call('/health/ready'))
  expect((await call('/trpc/tasks.create', 'POST')).status).toBe(200)
  expect(JSON.parse((await call('/trpc/tasks.count')).text)).toMatchObject({ result: { data: { total: 2 } } })
})

test('during shutdown ready is 503, and calls are still served, each closing its connection', async () => {
  await using other = await startTestService({ env: { SHUTDOWN_GRACE_MS: '60000' } })
  const { token } = await other.signUp()
  const call = async (path: string): Promise<Received> =>
    await send(other.url, { path, headers: { authorization: `Bearer ${token}`, connection: 'keep-alive' } })
  expect((await call('/trpc/tasks.list')).headers['connection']).toBe('keep-alive')
  const stopped = other.service.stop()
  const ready = await call('/health/ready')
  expect([ready.status, JSON.parse(ready.text)]).toEqual([
    503,
    { status: 'unavailable', reason: 'The service is stopping; use another instance.' },
  ])
  expect((await call('/health/live')).status).toBe(200)
  const answer = await call('/trpc/tasks.list')
  expect([answer.status, answer.headers['connection']]).toEqual([200, 'close'])
  // Closing ends the grace period.
  await other.service.close()
  await stopped
  await expect(call('/health/live')).rejects.toThrow('ECONNREFUSED')
})
