import { request } from 'node:http'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from './tasks/testing/caller.ts'
import { startTestService, type TestUser } from './testing.ts'
import { checkRefusal, refusalOf, send, type Received } from './trpc/testing.ts'

const LIMIT = 20
const service = await startTestService({ admits: true, env: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } })
afterAll(() => service[Symbol.asyncDispose]())

/** So many calls in one request. */
async function calls(count: number, authorization: string, path = 'lists.list'): Promise<Received> {
  const paths = Array.from({ length: count }, () => path).join(',')
  const input = JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, {}])))
  return await send(service.url, {
    path: `/trpc/${paths}?batch=1&input=${encodeURIComponent(input)}`,
    headers: { authorization },
  })
}
const bearer = ({ token }: TestUser): string => `Bearer ${token}`

/** How many of a batch were served, each other one being RATE_LIMITED in full, or all of them at the gate. */
function served(received: Received): number {
  const { text, headers } = received
  const answers = JSON.parse(text) as { error?: unknown }[]
  if (!Array.isArray(answers)) {
    expect(refusalOf(received)).toMatchObject({ appCode: 'RATE_LIMITED', retryable: true })
    return 0
  }
  const refusals = answers.flatMap(({ error }) => (error === undefined ? [] : [checkRefusal(error)]))
  for (const { data } of refusals)
    expect(data).toMatchObject({ appCode: 'RATE_LIMITED', httpStatus: 429, retryable: true })
  const longest = Math.max(0, ...refusals.map(({ data }) => data.retryAfterMs ?? 0))
  expect(headers['retry-after']).toBe(longest === 0 ? undefined : String(Math.ceil(longest / 1000)))
  return answers.length - refusals.length
}

test('a batch counts for each of its calls', async () => {
  const { user } = await newCaller(service)
  expect(served(await calls(15, bearer(user)))).toBe(15)
  expect(served(await calls(15, bearer(user)))).toBe(LIMIT - 15)
})

test('a single call beyond it is 429, with Retry-After within the minute', async () => {
  const { user } = await newCaller(service)
  await calls(LIMIT, bearer(user))
  const refusal = refusalOf(await send(service.url, { path: '/trpc/me.get', headers: { authorization: bearer(user) } }))
  expect(refusal.appCode).toBe('RATE_LIMITED')
  expect(refusal.retryAfterMs).toBeLessThanOrEqual(60_000)
})

test('who has none left is refused at the gate, before the body is looked at', async () => {
  const { user } = await newCaller(service)
  await calls(LIMIT, bearer(user))
  await calls(1, bearer(user))
  const headers = { authorization: bearer(user), 'content-type': 'application/json', 'content-length': '1000' }
  // The rest of the body never comes.
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

test('all credentials of a user count together, and no other user’s', async () => {
  const [one, other] = [await newCaller(service), await newCaller(service)]
  const { secret } = await one.client.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
  await service.admin(
    `insert into tw.service_keys (id, name, scopes, secret_hash) values (gen_random_uuid(), 's', '{tasks:read}', sha256('tw_service_s'))`,
  )
  const path = '/trpc/lists.list?input=%7B%7D'
  const acting = { authorization: 'Bearer tw_service_s', 'x-taskwire-user': one.user.id }
  for (const headers of [{ authorization: `Bearer ${secret}` }, acting, { cookie: one.user.cookie }])
    expect((await send(service.url, { path, headers })).status).toBe(200)
  expect(served(await calls(LIMIT, bearer(one.user)))).toBe(LIMIT - 4)
  for (const headers of [{ authorization: `Bearer ${secret}` }, acting, { cookie: one.user.cookie }])
    expect((await send(service.url, { path, headers })).status).toBe(429)
  // The same service, for somebody else.
  expect((await send(service.url, { path, headers: { ...acting, 'x-taskwire-user': other.user.id } })).status).toBe(200)
  expect(served(await calls(LIMIT, bearer(other.user)))).toBe(LIMIT)
})

test('a refused call, whatever it was refused for, counts', async () => {
  const { user } = await newCaller(service)
  const answer = await calls(LIMIT, bearer(user), 'tasks.get')
  expect(answer.text).toContain('VALIDATION')
  expect(served(await calls(1, bearer(user)))).toBe(0)
})

test('who has no credential counts by address', async () => {
  const first = await send(service.url, {
    path: `/trpc/${Array.from({ length: LIMIT + 5 }, () => 'system.health').join(',')}?batch=1`,
  })
  expect(served(first)).toBe(LIMIT)
  const { user } = await newCaller(service)
  expect(served(await calls(1, bearer(user)))).toBe(1)
})

test('credentials that nobody has count together by address; who is known there is served', async () => {
  await using other = await startTestService({ env: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } })
  const ask = async (token: string): Promise<number> =>
    (await send(other.url, { path: '/trpc/lists.list', headers: { authorization: `Bearer ${token}` } })).status
  const [known, late] = [await newCaller(other), await newCaller(other)]
  expect(await ask(known.user.token)).toBe(200)
  for (let n = 0; n < LIMIT; n++) expect(await ask(`guess${n}`)).toBe(401)
  expect(await ask('one more')).toBe(429)
  expect(await ask(known.user.token)).toBe(200)
  expect(await ask(late.user.token)).toBe(429)
})

test('probes and metrics are not counted', async () => {
  for (let n = 0; n < LIMIT + 5; n++)
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect((await send(service.url, { path })).status).toBe(200)
})
