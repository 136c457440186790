import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { createClient } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { metric, startTestService, type TestUser, until } from '../testing/service.ts'
import { checkRefusal, refusalOf, send, type Received } from '../testing/wire.ts'

const LIMIT = 20
const service = await startTestService({ limitsRequests: true, env: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } })
afterAll(() => service[Symbol.asyncDispose]())

/** Sends a batch of calls in one request. */
async function sendBatch(count: number, authorization: string, path = 'lists.list'): Promise<Received> {
  const paths = Array.from({ length: count }, () => path).join(',')
  const input = JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, {}])))
  return await send(service.url, {
    path: `/trpc/${paths}?batch=1&input=${encodeURIComponent(input)}`,
    headers: { authorization },
  })
}
const bearer = ({ token }: TestUser): string => `Bearer ${token}`

/** Returns how many calls of a batch were served. Checks that the others, or the whole request, were RATE_LIMITED. */
function servedCount(received: Received): number {
  const { text, headers } = received
  const answers = JSON.parse(text) as { error?: unknown }[]
  if (!Array.isArray(answers)) {
    expect(refusalOf(received)).toMatchObject({ appCode: 'RATE_LIMITED', retryable: true })
    return 0
  }
  const refusals = answers.flatMap(({ error }) => (error === undefined ? [] : [checkRefusal(error)]))
  for (const { data } of refusals)
    expect(data).toMatchObject({ appCode: 'RATE_LIMITED', httpStatus: 429, retryable: true })
  const longestMs = Math.max(0, ...refusals.map(({ data }) => data.retryAfterMs ?? 0))
  expect(headers['retry-after']).toBe(longestMs === 0 ? undefined : String(Math.ceil(longestMs / 1000)))
  return answers.length - refusals.length
}

test('each call of a batch is counted', async () => {
  const { user } = await newCaller(service)
  expect(servedCount(await sendBatch(15, bearer(user)))).toBe(15)
  expect(servedCount(await sendBatch(15, bearer(user)))).toBe(LIMIT - 15)
})

test('a single call above the limit is 429, with Retry-After within a minute', async () => {
  const { user } = await newCaller(service)
  await sendBatch(LIMIT, bearer(user))
  const refusal = refusalOf(await send(service.url, { path: '/trpc/me.get', headers: { authorization: bearer(user) } }))
  expect(refusal.appCode).toBe('RATE_LIMITED')
  expect(refusal.retryAfterMs).toBeLessThanOrEqual(60_000)
})

test('a user without calls left is refused before the body is read', async () => {
  const { user } = await newCaller(service)
  await sendBatch(LIMIT, bearer(user))
  await sendBatch(1, bearer(user))
  const headers = { authorization: bearer(user), 'content-type': 'application/json', 'content-length': '1000' }
  // The rest of the body is never sent.
  const answer = await new Promise<Received>((resolve, reject) => {
    const sent = request(service.url, { method: 'POST', path: '/trpc/tasks.create', headers }, (response) => {
      sent.destroy()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '' })
    })
    sent.on('error', reject).write('{')
  })
  expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } })
  const { text } = await send(service.url, { path: '/metrics' })
  expect(text).toMatch(/^taskwire_refused_total\{reason="rate"\} [1-9]/m)
})

test('all credentials of a user count together, and those of other users separately', async () => {
  const [one, other] = [await newCaller(service), await newCaller(service)]
  const { secret } = await one.client.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
  const serviceKey = await service.addServiceKey('tasks:read')
  const path = '/trpc/lists.list?input=%7B%7D'
  const acting = { authorization: `Bearer ${serviceKey}`, 'x-taskwire-user': one.user.id }
  for (const headers of [{ authorization: `Bearer ${secret}` }, acting, { cookie: one.user.cookie }])
    expect((await send(service.url, { path, headers })).status).toBe(200)
  expect(servedCount(await sendBatch(LIMIT, bearer(one.user)))).toBe(LIMIT - 4)
  for (const headers of [{ authorization: `Bearer ${secret}` }, acting, { cookie: one.user.cookie }])
    expect((await send(service.url, { path, headers })).status).toBe(429)
  // The same service key, for another user.
  expect((await send(service.url, { path, headers: { ...acting, 'x-taskwire-user': other.user.id } })).status).toBe(200)
  expect(servedCount(await sendBatch(LIMIT, bearer(other.user)))).toBe(LIMIT - 1)
})

test.each([
  ['x-taskwire-space', 'NOT_FOUND'],
  ['x-taskwire-user', 'FORBIDDEN'],
])('the limit of a credential does not depend on %s', async (header, appCode) => {
  const user = await service.signUp()
  const answers: string[] = []
  for (let nr = 0; nr < LIMIT + 1; nr++) {
    const headers = { authorization: bearer(user), [header]: randomUUID() }
    answers.push(refusalOf(await send(service.url, { path: '/trpc/lists.list', headers })).appCode)
  }
  expect(answers).toEqual([...Array.from({ length: LIMIT }, () => appCode), 'RATE_LIMITED'])
})

test('a call is counted only if it reaches the database, even if the database then refuses it', async () => {
  const { user, client } = await newCaller(service)
  const { secret } = await client.keys.create.mutate({ name: 'k', scopes: ['account'] })
  expect((await sendBatch(LIMIT, bearer(user), 'tasks.get')).text).toContain('VALIDATION')
  expect(
    refusalOf(await send(service.url, { path: '/trpc/tasks.list?input=%7B', headers: { authorization: bearer(user) } }))
      .appCode,
  ).toBe('VALIDATION')
  // Creating the key was one call.
  const forbidden = await sendBatch(LIMIT - 2, `Bearer ${secret}`)
  expect(forbidden.text.match(/"appCode":"FORBIDDEN"/g)).toHaveLength(LIMIT - 2)
  expect(await sendBatch(1, `Bearer ${secret}`, 'me.get')).toMatchObject({ status: 200 })
  expect(servedCount(await sendBatch(1, bearer(user)))).toBe(0)
})

test('calls that are refused with OVERLOADED are not counted', async () => {
  await using narrow = await startTestService({ env: { RATE_LIMIT_PER_MINUTE: String(LIMIT), DATABASE_POOL_MAX: '5' } })
  const [user, ...others] = await Promise.all(Array.from({ length: 6 }, async () => (await newCaller(narrow)).user))
  const list = async (token = ''): Promise<Received> =>
    await send(narrow.url, { path: '/trpc/lists.list', headers: { authorization: `Bearer ${token}` } })
  await list(user?.token)
  await using admin = await connectOnce({ address: narrow.database.admin, applicationName: 'taskwire-test' })
  const { holders } = await admin.sql.begin(async (sql) => {
    await sql`lock table tw.lists in access exclusive mode`
    // Each of the others holds a connection. Of this user's calls two wait for a connection, and the rest for those two.
    const holders = others.map(async ({ token }) => await list(token))
    await until(async () => (await metric(narrow.url, 'taskwire_pool_busy')) === 5)
    for (const answer of await Promise.all(Array.from({ length: 3 * LIMIT }, async () => await list(user?.token))))
      expect(refusalOf(answer).appCode).toBe('OVERLOADED')
    return { holders }
  })
  await Promise.all(holders)
  for (let nr = 0; nr < LIMIT - 1; nr++) expect(await list(user?.token)).toMatchObject({ status: 200 })
  expect(refusalOf(await list(user?.token)).appCode).toBe('RATE_LIMITED')
})

test('calls while the database is down are not counted', async () => {
  await using other = await startTestService({ env: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } })
  const { user } = await newCaller(other)
  const list = async (): Promise<Received> =>
    await send(other.url, { path: '/trpc/lists.list', headers: { authorization: bearer(user) } })
  await list()
  // Sent from another database: the service's own refuses new connections, and the open ones are terminated.
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { name } = other.database
  await admin.sql.unsafe(`alter database ${name} with allow_connections false`)
  await admin.sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = ${name}`
  for (let nr = 0; nr < 2 * LIMIT; nr++) expect(refusalOf(await list()).appCode).toBe('UNAVAILABLE')
  await admin.sql.unsafe(`alter database ${name} with allow_connections true`)
  await until(async () => (await list()).status === 200)
  for (let nr = 0; nr < LIMIT - 2; nr++) expect(await list()).toMatchObject({ status: 200 })
  expect(refusalOf(await list()).appCode).toBe('RATE_LIMITED')
})

test('a thousand concurrent creations all succeed, since refused attempts are not counted', async () => {
  await using usual = await startTestService({ env: { RATE_LIMIT_PER_MINUTE: '1200' } })
  const { user } = await newCaller(usual)
  const refusals: unknown[] = []
  const client = createClient({
    url: usual.url,
    token: user.token,
    retry: { attempts: 100 },
    async fetch(input, init) {
      const response = await fetch(input, init)
      refusals.push(...((await response.clone().text()).match(/RATE_LIMITED/g) ?? []))
      return response
    },
  })
  await Promise.all(Array.from({ length: 1000 }, async (_, nr) => await client.tasks.create.mutate({ title: `${nr}` })))
  expect(refusals).toEqual([])
}, 120_000)

test('public procedures are not counted', async () => {
  const path = `/trpc/${Array.from({ length: LIMIT + 5 }, () => 'system.health').join(',')}?batch=1`
  expect(servedCount(await send(service.url, { path }))).toBe(LIMIT + 5)
})

test('health checks and metrics are not counted', async () => {
  for (let n = 0; n < LIMIT + 5; n++)
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect((await send(service.url, { path })).status).toBe(200)
})
