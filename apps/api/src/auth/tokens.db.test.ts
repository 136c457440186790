import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { randomUUID } from 'node:crypto'
import { createClient } from '@taskwire/client'
import { SENT_QUERIES } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { refused } from '../testing/caller.ts'
import { startTestIssuer, type TestIssuer, withHeader } from '../testing/issuer.ts'
import { startTestService } from '../testing/service.ts'
import { openRawStream } from '../testing/streams.ts'
import { refusalOf, send } from '../testing/wire.ts'

const issuer = await startTestIssuer()
const other = await startTestIssuer()
const database = await createTestDatabase()
const feedTimes = { pollMs: 50 }
const service = await startTestService({ database, env: issuer.env, feedTimes })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

const clientOf = (token: string, { url } = service) => createClient({ url, token, retry: { attempts: 1 } })
const now = (): number => Math.floor(Date.now() / 1000)

test('a token has the rights of a session, in its own space only', async () => {
  const [ada, ben] = [clientOf(await issuer.sign(randomUUID())), clientOf(await issuer.sign(randomUUID()))]
  const task = await ada.tasks.create.mutate({ title: 'x' })
  expect(await refused(ben.tasks.get.query({ id: task.id }))).toMatchObject({ appCode: 'NOT_FOUND' })
  expect(await refused(ben.in(task.spaceId).tasks.list.query({}))).toMatchObject({ appCode: 'NOT_FOUND' })
  const { secret } = await ada.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
  expect(await clientOf(secret).tasks.get.query({ id: task.id })).toEqual(task)
  const { changes } = await ada.changes.list.query({ after: 0 })
  expect(changes[0]?.actor).toEqual({ kind: 'user', userId: task.userId, keyId: null })
  expect(await ada.me.delete.mutate()).toEqual({ id: task.userId })
  expect(await refused(clientOf(secret).tasks.list.query({}))).toMatchObject({ appCode: 'UNAUTHENTICATED' })
})

test('an invalid token causes no statement', async () => {
  let statements = 0
  const onSent = (): void => void statements++
  subscribe(SENT_QUERIES, onSent)
  try {
    const token = await issuer.sign(randomUUID())
    const [head, payload] = token.split('.')
    const tokens = [
      `${head}.${payload}.`,
      withHeader(token, { alg: 'none' }),
      issuer.signSymmetrically(randomUUID()),
      await other.sign(randomUUID()),
      await issuer.sign(randomUUID(), { exp: now() - 60 }),
      await issuer.sign(randomUUID(), { aud: 'https://other.example.com' }),
      token.padEnd(8193, 'x'),
      token.padEnd(12_000, 'x'),
    ]
    for (const bad of tokens)
      expect(await refused(clientOf(bad).tasks.list.query({}))).toMatchObject({ appCode: 'UNAUTHENTICATED' })
    expect(statements).toBe(0)
    await clientOf(token).tasks.list.query({})
    expect(statements).toBeGreaterThan(0)
  } finally {
    unsubscribe(SENT_QUERIES, onSent)
  }
})

test('an invalid token of any length is refused with a reply', async () => {
  const token = await issuer.sign('a')
  for (const length of [8192, 8193, 15_000, 16_384, 100_000, 1_000_000]) {
    const headers = { authorization: `Bearer ${token.padEnd(length, 'x')}` }
    const { status } = await send(service.url, { path: '/trpc/tasks.list', headers })
    // Longer headers are refused because of their length.
    expect([length, status]).toEqual([length, length < 16_384 ? 401 : 422])
  }
})

test('a procedure that needs no caller is served even with an invalid token', async () => {
  expect(await clientOf('a.b.c').system.health.query()).toMatchObject({ status: 'ok' })
})

test('with an invalid token the body is not read', async () => {
  const reply = await send(service.url, {
    method: 'POST',
    path: '/trpc/tasks.create',
    headers: { authorization: 'Bearer a.b.c', 'content-type': 'application/json', 'content-length': '1000000' },
    body: '{',
  })
  expect(reply).toMatchObject({ status: 401, headers: { connection: 'close' } })
})

test('a token is not accepted in place of a session', async () => {
  const token = await issuer.sign(randomUUID())
  const { token: session, email, password } = await service.signUp()
  const asCookie = await send(service.url, {
    path: '/trpc/me.get',
    headers: { cookie: `taskwire.session_token=${token}` },
  })
  expect(refusalOf(asCookie).appCode).toBe('UNAUTHENTICATED')
  // The bearer token takes precedence over the cookie.
  const cookie = `taskwire.session_token=${session}`
  for (const [bearer, status] of [
    ['a.b.c', 401],
    [token, 200],
  ] as const)
    expect(
      await send(service.url, { path: '/trpc/tasks.list', headers: { authorization: `Bearer ${bearer}`, cookie } }),
    ).toMatchObject({ status })
  // The endpoints of the sign-in accept only sessions.
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  expect(await send(service.url, { path: '/auth/get-session', headers })).toMatchObject({ status: 200, text: 'null' })
  for (const path of ['/auth/sign-out', '/auth/revoke-sessions'])
    expect(await send(service.url, { method: 'POST', path, headers })).toMatchObject({ status: 401 })
  const body = JSON.stringify({ currentPassword: password, newPassword: 'another password' })
  expect(await send(service.url, { method: 'POST', path: '/auth/change-password', headers, body })).toMatchObject({
    status: 401,
  })
  expect(email).toContain('@')
})

test('a stream ends when its token expires', async () => {
  // Clocks may differ by 30 s, so this token is accepted for two more seconds.
  const token = await issuer.sign(randomUUID(), { exp: now() - 28 })
  using stream = await openRawStream(service.url, { authorization: `Bearer ${token}` })
  await stream.next('message')
  const { data } = await stream.next('serialized-error')
  expect(data).toMatchObject({ data: { appCode: 'UNAUTHENTICATED' } })
  expect(await stream.ended).toBe('ended')
})

test('changes.follow goes on with the next token when one expires', async () => {
  const subject = randomUUID()
  const writer = clientOf(await issuer.sign(subject))
  await writer.tasks.count.query()
  const tokens = [await issuer.sign(subject, { exp: now() - 28 }), await issuer.sign(subject)]
  const client = createClient({ url: service.url, token: () => tokens.shift() })
  const stopping = new AbortController()
  const revisions: number[] = []
  await client.changes.follow({
    after: 0,
    signal: stopping.signal,
    onStatus({ state }) {
      if (state === 'live') void writer.tasks.create.mutate({ title: 'x' })
    },
    onChange({ revision }) {
      revisions.push(revision)
      if (revision === 2) stopping.abort()
    },
  })
  expect([revisions, tokens]).toEqual([[1, 2], []])
})

test('with AUTH_FRESH_SECONDS an old token can neither create a key nor delete the account', async () => {
  await using strict = await startTestService({ database, env: { ...issuer.env, AUTH_FRESH_SECONDS: '60' } })
  const subject = randomUUID()
  const old = clientOf(await issuer.sign(subject, { iat: now() - 61 }), strict)
  const undated = clientOf(await issuer.sign(subject, { iat: null }), strict)
  for (const { keys, me, tasks } of [old, undated]) {
    for (const call of [() => keys.create.mutate({ name: 'k', scopes: ['account'] }), () => me.delete.mutate()])
      expect(await refused(call())).toMatchObject({
        appCode: 'FORBIDDEN',
        message: expect.stringContaining('needs a fresh token'),
      })
    await tasks.create.mutate({ title: 'x' })
  }
  const fresh = clientOf(await issuer.sign(subject), strict)
  await fresh.keys.create.mutate({ name: 'k', scopes: ['account'] })
  await fresh.me.delete.mutate()
})

test('a page of any origin may call with a token, since browsers send a token only from a script that has it', async () => {
  const headers = { authorization: `Bearer ${await issuer.sign(randomUUID())}`, origin: 'https://evil.example.com' }
  expect(await send(service.url, { path: '/trpc/tasks.list', headers })).toMatchObject({ status: 200 })
})

test('while the issuer is gone, known keys stay in use; a service without keys replies UNAVAILABLE', async () => {
  const lone = await startTestIssuer()
  const gone = await startTestIssuer()
  await gone[Symbol.asyncDispose]()
  await using served = await startTestService({ database, env: lone.env })
  const token = await signAndCall(lone, served)
  await lone[Symbol.asyncDispose]()
  await clientOf(token, served).tasks.list.query({})
  await clientOf(await lone.sign(randomUUID()), served).tasks.list.query({})
  await using never = await startTestService({ database, env: gone.env })
  expect(await refused(clientOf(await gone.sign('a'), never).tasks.list.query({}))).toMatchObject({
    appCode: 'UNAVAILABLE',
  })
  // Other credentials do not depend on the issuer.
  await clientOf((await service.signUp()).token, never).tasks.list.query({})
})

async function signAndCall(by: TestIssuer, served: typeof service): Promise<string> {
  const token = await by.sign(randomUUID())
  await clientOf(token, served).tasks.list.query({})
  return token
}

test('without AUTH_ISSUER no token is accepted', async () => {
  await using plain = await startTestService({ database })
  expect(await refused(clientOf(await issuer.sign('a'), plain).tasks.list.query({}))).toMatchObject({
    appCode: 'UNAUTHENTICATED',
  })
})

test('erasing the account does not reset the limit on its calls', async () => {
  await using service = await startTestService({ env: { ...issuer.env, RATE_LIMIT_PER_MINUTE: '10' } })
  const client = clientOf(await issuer.sign(randomUUID()), service)
  let calls = 0
  const callAll = async () => {
    for (; calls < 30; calls++) {
      if (calls % 8 === 7) await client.me.delete.mutate({})
      else await client.me.get.query()
    }
  }
  await callAll().catch(() => {})
  expect(calls).toBe(10)
})
test('when the keys of the issuer change, a stream ends, and its token is verified again', async () => {
  await using issuer = await startTestIssuer()
  await using service = await startTestService({ env: issuer.env, feedTimes })
  const token = await issuer.sign(randomUUID())
  const authorization = `Bearer ${token}`
  using stream = await openRawStream(service.url, { authorization })
  await stream.next('message')
  await issuer.rotate()
  // A token of another key has the keys fetched, at most every ten seconds.
  const other = { path: '/trpc/tasks.list', headers: { authorization: `Bearer ${await issuer.sign(randomUUID())}` } }
  await expect.poll(async () => (await send(service.url, other)).status, { timeout: 15_000 }).toBe(200)
  const { data } = await stream.next('serialized-error')
  expect(data).toMatchObject({ data: { appCode: 'UNAVAILABLE' } })
  expect(await send(service.url, { path: '/trpc/tasks.list', headers: { authorization } })).toMatchObject({
    status: 401,
  })
})
