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

test('with an https PUBLIC_URL the cookie is for HTTPS only, and no other cookie is read', async () => {
  expect(cookie).toMatch(/^__Secure-taskwire\.session_token=/)
  const headers = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
  expect(await send(service.url, query({ cookie }))).toMatchObject({ status: 200, headers })
  const planted = { cookie: `taskwire.session_token=${token}` }
  expect(await send(service.url, query(planted))).toMatchObject({ status: 401 })
  expect(await send(service.url, { path: '/auth/get-session', headers: planted })).toMatchObject({ text: 'null' })
})

const foreign: [string, Headers][] = [
  ['another origin', { origin: FOREIGN }],
  ['another origin that claims to be the same origin', { origin: FOREIGN, 'sec-fetch-site': 'same-origin' }],
  ['an opaque origin', { origin: 'null' }],
  ['the same host by another scheme', { origin: OWN.replace('https', 'http') }],
  ['the same host on another port', { origin: `${OWN}:8443` }],
  ['another site, by a request without an origin', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['another host of the site', { 'sec-fetch-site': 'same-site' }],
  ['another origin, with another kind of authorization', { origin: FOREIGN, authorization: 'Basic eDp5' }],
  ['another origin, with an empty bearer', { origin: FOREIGN, authorization: 'Bearer ' }],
]
test.each(foreign)('a page of %s cannot call with the cookie', async (_what, headers) => {
  for (const call of [query, mutation])
    expect(refusalOf(await send(service.url, call({ cookie, ...headers }))).appCode).toBe('FORBIDDEN')
})

const own: [string, Headers][] = [
  ['of its own', { origin: OWN, 'sec-fetch-site': 'same-origin' }],
  ['of its own, without an origin', { 'sec-fetch-site': 'same-origin' }],
  ['that the user has opened directly', { 'sec-fetch-site': 'none' }],
  ['of an allowed origin', { origin: APP, 'sec-fetch-site': 'same-site' }],
  ['whose request has no browser headers', {}],
]
test.each(own)('a page %s can call with the cookie', async (_what, headers) => {
  for (const call of [query, mutation]) expect((await send(service.url, call({ cookie, ...headers }))).status).toBe(200)
})

test.each(foreign.slice(0, 7))('a page of %s can call with a bearer token', async (_what, headers) => {
  const authorization = `Bearer ${token}`
  for (const call of [query, mutation])
    for (const beside of [{}, { cookie }])
      expect((await send(service.url, call({ ...headers, ...beside, authorization }))).status).toBe(200)
})

test('pages of an allowed origin can read replies and refusals; others cannot', async () => {
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

test('preflights allow only allowed origins', async () => {
  const preflight = async (origin: string): Promise<Awaited<ReturnType<typeof send>>> =>
    await send(service.url, {
      method: 'OPTIONS',
      path: '/trpc/tasks.create',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-taskwire-contract',
      },
    })
  const { status, headers } = await preflight(APP)
  expect(status).toBe(204)
  expect(headers).toMatchObject({
    'access-control-allow-origin': APP,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'content-type,x-taskwire-contract',
  })
  expect((await preflight(FOREIGN)).headers['access-control-allow-origin']).toBeUndefined()
})

test('a HEAD request calls no procedure', async () => {
  for (const path of ['/trpc/lists.list', '/trpc/tasks.create']) {
    const { status, text } = await send(service.url, { method: 'HEAD', path, headers: { cookie } })
    expect([status, text]).toEqual([204, ''])
  }
})
