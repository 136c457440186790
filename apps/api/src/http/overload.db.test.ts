import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { openRawStream } from '../testing/streams.ts'
import { newCaller } from '../testing/caller.ts'
import { startTestService, type TestUser } from '../testing/service.ts'
import { type Received, refusalOf, send } from '../testing/wire.ts'

// Overloads the service by locking tables. The tests check counts and order, not times.

const CONNECTIONS = 5
const service = await startTestService({
  limitsRequests: true,
  env: { DATABASE_POOL_MAX: String(CONNECTIONS), ALLOWED_ORIGINS: 'https://app.example.com' },
})
afterAll(() => service[Symbol.asyncDispose]())

interface Metrics {
  inProgress: number
  limit: number
  busy: number
  waiting: number
  opening: number
  refused: number
}
/** Metrics are served under any load. */
async function readMetrics(): Promise<Metrics> {
  const { status, text } = await send(service.url, { path: '/metrics' })
  expect(status).toBe(200)
  const gauge = (name: string): number => Number(new RegExp(`^taskwire_${name} (\\S+)`, 'm').exec(text)?.[1])
  return {
    inProgress: gauge('requests_in_progress'),
    limit: gauge('requests_limit'),
    busy: gauge('pool_busy'),
    waiting: gauge('pool_waiting'),
    opening: gauge('streams_opening'),
    refused: gauge('refused_total\\{reason="overloaded"\\}'),
  }
}
async function until(holds: (now: Metrics) => boolean): Promise<Metrics> {
  for (;;) {
    const now = await readMetrics()
    if (holds(now)) return now
  }
}
const list = async ({ token }: TestUser): Promise<Received> =>
  await send(service.url, { path: '/trpc/lists.list', headers: { authorization: `Bearer ${token}` } })

/** Calls in a loop as each of these users, with a pause after each refusal, until `end()`. */
function startCallers(users: readonly TestUser[]): { end(): Promise<Received[]> } {
  const stop = new AbortController()
  const replies: Received[] = []
  const calling = users.map(async (user) => {
    while (!stop.signal.aborted) {
      const reply = await list(user)
      replies.push(reply)
      if (reply.status !== 200) await pause(50)
    }
  })
  return {
    async end() {
      stop.abort()
      await Promise.all(calling)
      return replies
    },
  }
}

interface SentHead {
  answer: Promise<Received>
  /** Sends the body, which is an invalid input. */
  finish(): void
  hangUp(): void
}
/** Sends the headers of a mutation, without its body. */
function sendHead({ token }: TestUser, path = '/trpc/tasks.create', headers: Record<string, string> = {}): SentHead {
  const sent = request(service.url, {
    method: 'POST',
    path,
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': '100',
      ...headers,
    },
  })
  const answer = new Promise<Received>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
  })
  answer.catch(() => {})
  sent.flushHeaders()
  return { answer, finish: () => void sent.end(`"${'x'.repeat(98)}"`), hangUp: () => void sent.destroy() }
}
/** Returns the refusal that is sent after the headers alone, once the service is at its limit. */
async function refusedAtHead(...given: Parameters<typeof sendHead>): Promise<Received> {
  for (;;) {
    const { refused } = await until(({ inProgress, limit }) => inProgress >= limit)
    const { answer, hangUp } = sendHead(...given)
    // If the request was admitted after all, it waits for its body without a reply.
    const admitted = until((now) => now.refused > refused + 100).then(() => undefined)
    const received = await Promise.race([answer, admitted])
    hangUp()
    if (received !== undefined) return received
  }
}

test('while every connection is blocked, queues are bounded, other requests are refused unread, and health checks succeed', async () => {
  const users = await Promise.all(Array.from({ length: 12 }, async () => (await newCaller(service)).user))
  // After its first call each user is known, and connections are open.
  await Promise.all(users.map(list))
  const [latecomer = users[0]] = users.slice(-1)
  if (latecomer === undefined) throw new Error('There are no users')
  // The headers of these requests are admitted while there is room; their bodies arrive when there is none.
  const slow = Array.from({ length: 20 }, () => sendHead(latecomer))
  await list(latecomer)
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const calling = await admin.sql.begin(async (sql) => {
    // Reads of lists wait for this lock.
    await sql`lock table tw.lists in access exclusive mode`
    const before = await readMetrics()
    const calling = startCallers(Array.from({ length: 60 }, (_, n) => users[n % users.length] ?? latecomer))
    const full = await until(({ busy, refused }) => busy === CONNECTIONS && refused > before.refused)
    expect(full.inProgress).toBeLessThanOrEqual(2 * 8 * CONNECTIONS)
    expect(full.waiting).toBeLessThanOrEqual(full.inProgress)

    for (const path of ['/health/live', '/health/ready'])
      expect(await send(service.url, { path })).toMatchObject({ status: 200 })
    const refusal = await refusedAtHead(latecomer, '/trpc/tasks.create', { origin: 'https://app.example.com' })
    expect(refusalOf(refusal)).toMatchObject({ appCode: 'OVERLOADED', retryable: true, retryAfterMs: 1000 })
    expect(refusal.headers).toMatchObject({
      'retry-after': '1',
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': 'https://app.example.com',
    })
    const foreign = await refusedAtHead(latecomer, '/trpc/tasks.create', { origin: 'https://elsewhere.example.com' })
    expect(foreign.headers).not.toHaveProperty('access-control-allow-origin')
    const late: string[] = []
    for (const { finish, answer } of slow) {
      // For a moment there may be room, because calls that waited too long have ended.
      await until(({ inProgress, limit }) => inProgress >= limit)
      finish()
      late.push(refusalOf(await answer).appCode)
    }
    expect(late).toContain('OVERLOADED')
    // Signing in has a limit of its own.
    const unread = await send(service.url, { method: 'POST', path: '/auth/sign-in/email', body: 'x' })
    expect(unread.status).toBe(415)
    expect(await send(service.url, { method: 'OPTIONS', path: '/trpc/tasks.create' })).toMatchObject({ status: 204 })
    return calling
  })
  const codes = new Map<string, number>()
  for (const answer of await calling.end()) {
    const code = answer.status === 200 ? 'OK' : refusalOf(answer).appCode
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  expect([...codes.keys()].filter((code) => !['OK', 'OVERLOADED', 'TIMEOUT'].includes(code))).toEqual([])
  expect(codes.get('OVERLOADED')).toBeGreaterThan(0)

  await until(({ inProgress, busy, waiting }) => inProgress === 0 && busy === 0 && waiting === 0)
  for (const user of users) expect(await list(user)).toMatchObject({ status: 200 })
})

test('a slow sender does not count as in progress', async () => {
  const { user } = await newCaller(service)
  await list(user)
  const before = await readMetrics()
  await until(({ inProgress }) => inProgress === 0)
  const slow = Array.from({ length: 2 * before.limit + 1 }, () => sendHead(user))
  // A later request has been answered, so all of them have been received.
  expect(await list(user)).toMatchObject({ status: 200 })
  expect((await readMetrics()).inProgress).toBe(0)
  expect((await readMetrics()).refused).toBe(before.refused)
  for (const { hangUp } of slow) hangUp()
})

test('the calls of one user leave room for those of another', async () => {
  const [noisy, quiet] = [(await newCaller(service)).user, (await newCaller(service)).user]
  await Promise.all([list(noisy), list(quiet)])
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const noise = await admin.sql.begin(async (sql) => {
    await sql`lock table tw.lists in access exclusive mode`
    const before = await readMetrics()
    const calling = startCallers(Array.from({ length: 100 }, () => noisy))
    await until(({ inProgress, refused, limit }) => inProgress >= limit && refused > before.refused)
    const path = '/trpc/tasks.list?input=%7B%7D'
    const answer = await send(service.url, { path, headers: { authorization: `Bearer ${quiet.token}` } })
    expect(answer).toMatchObject({ status: 200 })
    return calling
  })
  await noise.end()
  await until(({ inProgress }) => inProgress === 0)
})

test('an open stream does not count as in progress', async () => {
  const { user } = await newCaller(service)
  await until(({ inProgress }) => inProgress === 0)
  const gone = new AbortController()
  const response = await fetch(`${service.url}/trpc/changes.subscribe?input=${encodeURIComponent('{"after":0}')}`, {
    headers: { authorization: `Bearer ${user.token}` },
    signal: gone.signal,
  })
  const { value } = (await response.body?.getReader().read()) ?? {}
  expect([response.status, value?.length]).toEqual([200, expect.any(Number)])
  expect((await readMetrics()).inProgress).toBe(0)
  gone.abort()
})

test('many streams that open at once leave connections and admission to calls', async () => {
  const users = await Promise.all(Array.from({ length: 6 }, async () => (await newCaller(service)).user))
  const { user: other } = await newCaller(service)
  await list(other)
  await until(({ inProgress, busy }) => inProgress === 0 && busy === 0)
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { opening } = await admin.sql.begin(async (sql) => {
    // Opening a stream waits for this lock.
    await sql`lock table tw.changes in access exclusive mode`
    const opening = Array.from({ length: 48 }, async (_, nr) => {
      const headers = { authorization: `Bearer ${users[nr % users.length]?.token}` }
      return await openRawStream(service.url, headers, { after: 0 })
    })
    await until(({ opening }) => opening === 48)
    expect(await list(other)).toMatchObject({ status: 200 })
    expect(await readMetrics()).toMatchObject({ inProgress: 0, busy: 2, waiting: 0 })
    // Wrapped in an object: the driver awaits returned promises before it releases the lock.
    return { opening }
  })
  for (const stream of await Promise.all(opening)) {
    // 503 for those that waited too long for the lock.
    expect([200, 503]).toContain(stream.status)
    stream[Symbol.dispose]()
  }
})
