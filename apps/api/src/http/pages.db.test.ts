import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { refusalOf, send, type Sent } from '../testing/wire.ts'

const APP = 'https://app.example.com'
const OWN = 'https://tasks.example.com'
const FOREIGN = 'https://evil.example.net'
const service = await startTestService({ env: { PUBLIC_URL: OWN, ALLOWED_ORIGINS: APP } })
afterAll(() => service[Symbol.asyncDispose]())
const { token, cookie } = await service.signUp()

type Headers = Record<string, string>
const query = (headers: Headers): Sent => ({ path: '/trpc/lists.list', headers })
const mutation = (headers: Headers): Sent => ({
  method: 'POST',
  path: '/trpc/tasks.create',
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify({ title: 'x' }),
})

test('the cookie is for HTTPS only where the service is', () => {
  expect(cookie).toMatch(/^__Secure-taskwire\.session_token=/)
})

const foreign: [string, Headers][] = [
  ['another origin', { origin: FOREIGN }],
  ['another origin, which says it is the same site', { origin: FOREIGN, 'sec-fetch-site': 'same-origin' }],
  ['no origin that it would name', { origin: 'null' }],
  ['the same host by another scheme', { origin: OWN.replace('https', 'http') }],
  ['the same host on another port', { origin: `${OWN}:8443` }],
  ['another site, by an element that sends no origin', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['another host of the site', { 'sec-fetch-site': 'same-site' }],
  ['another origin, with an authorization of another kind', { origin: FOREIGN, authorization: 'Basic eDp5' }],
  ['another origin, with an empty bearer', { origin: FOREIGN, authorization: 'Bearer ' }],
]
test.each(foreign)('a page of %s does not call with the cookie', async (_what, headers) => {
  for (const call of [query, mutation])
    expect(refusalOf(await send(service.url, call({ cookie, ...headers }))).appCode).toBe('FORBIDDEN')
})

const own: [string, Headers][] = [
  ['of its own', { origin: OWN, 'sec-fetch-site': 'same-origin' }],
  ['of its own, without an origin', { 'sec-fetch-site': 'same-origin' }],
  ['that the user has typed', { 'sec-fetch-site': 'none' }],
  ['of an allowed origin', { origin: APP, 'sec-fetch-site': 'same-site' }],
  ['of no browser', {}],
]
test.each(own)('a page %s does', async (_what, headers) => {
  for (const call of [query, mutation]) expect((await send(service.url, call({ cookie, ...headers }))).status).toBe(200)
})

test.each(foreign.slice(0, 7))('who sends a bearer’s token may be %s', async (_what, headers) => {
  const authorization = `Bearer ${token}`
  for (const call of [query, mutation])
    for (const beside of [{}, { cookie }])
      expect((await send(service.url, call({ ...headers, ...beside, authorization }))).status).toBe(200)
})

test('a page of an allowed origin may read the answer, also where it is a refusal; others may not', async () => {
  for (const path of ['/trpc/lists.list', '/trpc/lists.nothing', '/nothing', '/auth/nothing', '/health/live']) {
    const { headers } = await send(service.url, { path, headers: { origin: APP, cookie } })
    expect(headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      vary: expect.stringContaining('Origin'),
    })
    expect(headers['access-control-expose-headers']).toMatch(/x-request-id.*retry-after/)
    for (const origin of [FOREIGN, 'null', `${APP}.evil.example.net`]) {
      const answer = await send(service.url, { path, headers: { origin, authorization: `Bearer ${token}` } })
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
  }
})

test('before it calls, a page of an allowed origin is told that it may', async () => {
  const ask = async (origin: string): Promise<Awaited<ReturnType<typeof send>>> =>
    await send(service.url, {
      method: 'OPTIONS',
      path: '/trpc/tasks.create',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-taskwire-contract',
      },
    })
  const { status, headers } = await ask(APP)
  expect(status).toBe(204)
  expect(headers).toMatchObject({
    'access-control-allow-origin': APP,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'content-type,x-taskwire-contract',
  })
  expect((await ask(FOREIGN)).headers['access-control-allow-origin']).toBeUndefined()
})

test('a HEAD asks nothing of a procedure', async () => {
  for (const path of ['/trpc/lists.list', '/trpc/tasks.create']) {
    const { status, text } = await send(service.url, { method: 'HEAD', path, headers: { cookie } })
    expect([status, text]).toEqual([204, ''])
  }
})
