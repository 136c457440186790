import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService, type TestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

const SIGN_IN = { method: 'POST', path: '/auth/sign-in/email' }
/** Tries a wrong password for a new e-mail address, with this X-Forwarded-For. Returns the status. */
async function signInWrong(
  { url }: TestService,
  forwarded: string,
  more: Record<string, string> = {},
): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': forwarded, ...more }
  const body = JSON.stringify({ email: `${randomUUID()}@example.com`, password: 'wrong horse' })
  return (await send(url, { ...SIGN_IN, headers, body })).status
}
const countStatuses = async (count: number, run: (n: number) => Promise<number>): Promise<Record<number, number>> => {
  const statuses = await Promise.all(Array.from({ length: count }, async (_, n) => await run(n)))
  return Object.fromEntries(
    [...new Set(statuses)].map((status) => [status, statuses.filter((one) => one === status).length]),
  )
}

test('attempts count for the IP address of the connection, whatever headers claim', async () => {
  await using limited = await startTestService({ limitSignIn: true })
  const statuses = await countStatuses(40, async (n) =>
    signInWrong(limited, `203.0.113.${n}`, {
      'x-taskwire-client-address': `203.0.113.${n}`,
      forwarded: `for=203.0.113.${n}`,
    }),
  )
  expect(statuses).toEqual({ 401: 30, 429: 10 })
})

test('with TRUST_PROXY, attempts count for the last IP address in X-Forwarded-For', async () => {
  await using limited = await startTestService({ limitSignIn: true, env: { TRUST_PROXY: 'true' } })
  expect(await countStatuses(31, async (n) => await signInWrong(limited, `10.0.0.${n}, 203.0.113.1`))).toEqual({
    401: 30,
    429: 1,
  })
  expect(await signInWrong(limited, '203.0.113.1, 203.0.113.2')).toBe(401)
})

test('one of several concurrent revocations of a key succeeds', async () => {
  const { client, call } = await newCaller(service)
  const { key } = await client.keys.create.mutate({ name: 'key', scopes: ['account'] })
  const statuses = await countStatuses(8, async () => (await call('keys.revoke', { id: key.id })).status)
  expect(statuses).toEqual({ 200: 1, 404: 7 })
})

test('one of several concurrent creations of a key returns the secret', async () => {
  const { client, call } = await newCaller(service)
  const input = { name: 'key', scopes: ['account'], mutationId: randomUUID() }
  const answers = await Promise.all(Array.from({ length: 8 }, async () => await call('keys.create', input)))
  expect(answers.filter(({ text }) => text.includes('tw_key_'))).toHaveLength(1)
  expect(answers.filter(({ error }) => error?.data.appCode === 'MUTATION_APPLIED')).toHaveLength(7)
  expect((await client.keys.list.query({})).items).toHaveLength(1)
})

test('one of several concurrent deletions of an account succeeds', async () => {
  const { call, user } = await newCaller(service)
  expect(await countStatuses(8, async () => (await call('me.delete', {})).status)).toEqual({ 200: 1, 401: 7 })
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ email: user.email, password: user.password })
  expect((await send(service.url, { ...SIGN_IN, headers, body })).status).toBe(401)
})

test('once one of several concurrent sign-outs is answered, no new call of the session succeeds', async () => {
  const { call, user } = await newCaller(service)
  const authorization = `Bearer ${user.token}`
  const calls = Array.from({ length: 10 }, async () => await call('tasks.create', { title: 'x' }))
  const signOuts = Array.from({ length: 3 }, async () => {
    const { status } = await send(service.url, { method: 'POST', path: '/auth/sign-out', headers: { authorization } })
    return [status, (await call('lists.list', {})).status]
  })
  const results = await Promise.all(signOuts)
  // One sign-out ended the session; the others found none.
  expect(results.map(([signOut]) => signOut).toSorted()).toEqual([200, 401, 401])
  expect(results.map(([, after]) => after)).toEqual([401, 401, 401])
  for (const { status } of await Promise.all(calls)) expect([200, 401]).toContain(status)
})

test('a credential in a URL is ignored and not logged', async () => {
  const { user } = await newCaller(service)
  const { token, cookie } = user
  for (const query of [
    `token=${token}`,
    `access_token=${token}`,
    `authorization=Bearer%20${token}`,
    `connectionParams=%7B%22authorization%22%3A%22Bearer%20${token}%22%7D`,
  ])
    for (const path of [`/trpc/lists.list?input=%7B%7D&${query}`, `/auth/get-session?${query}`]) {
      const { status, text } = await send(service.url, { path })
      expect(path.startsWith('/auth') ? text : status).toBe(path.startsWith('/auth') ? 'null' : 401)
    }
  await send(service.url, { path: '/trpc/lists.list', headers: { authorization: `Bearer ${token}`, cookie } })
  await send(service.url, { method: 'POST', path: '/auth/sign-out', headers: { authorization: `Bearer ${token}` } })
  expect(service.log.join('\n')).not.toContain(token)
  expect(service.log.join('\n')).not.toContain(user.password)
})

test('the refusal to act for a user does not reveal whether the account exists', async () => {
  const { user } = await newCaller(service)
  await service.addServiceKey('tasks:read')
  const replyAbout = async (id: string, authorization: string): Promise<string> => {
    const headers = { authorization, 'x-taskwire-user': id, 'x-request-id': 'same' }
    return (await send(service.url, { path: '/trpc/me.get', headers })).text
  }
  const eve = await newCaller(service)
  for (const authorization of ['Bearer nobody', `Bearer ${eve.user.token}`])
    expect(await replyAbout(user.id, authorization)).toBe(await replyAbout(randomUUID(), authorization))
})

test('a body that is too long is refused as soon as its headers arrive', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': '100000' }
  // The body is never sent.
  const { promise, resolve, reject } = Promise.withResolvers<[status: number | undefined, body: unknown]>()
  const sent = request(`${service.url}/auth/sign-in/email`, { method: 'POST', headers }, (answer) => {
    void json(answer).then((body) => resolve([answer.statusCode, body]))
  })
  sent.on('error', reject)
  sent.flushHeaders()
  expect(await promise).toEqual([413, { code: 'PAYLOAD_TOO_LARGE', message: 'The body is longer than 16384 bytes.' }])
  sent.destroy()
})
