import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { openRawStream } from '../testing/streams.ts'
import { newCaller } from '../testing/caller.ts'
import { startTestService, type TestUser } from '../testing/service.ts'
import { type Received, refusalOf, send } from '../testing/wire.ts'

// More than the service can do, by a database that is held: by counts and order, not by times.

const CONNECTIONS = 5
const service = await startTestService({
  admits: true,
  env: { DATABASE_POOL_MAX: String(CONNECTIONS), ALLOWED_ORIGINS: 'https://app.example.com' },
})
afterAll(() => service[Symbol.asyncDispose]())

interface Figures {
  inside: number
  limit: number
  busy: number
  waiting: number
  opening: number
  refused: number
}
/** Answered always, whatever else goes on. */
async function figures(): Promise<Figures> {
  const { status, text } = await send(service.url, { path: '/metrics' })
  expect(status).toBe(200)
  const of = (name: string): number => Number(new RegExp(`^taskwire_${name} (\\S+)`, 'm').exec(text)?.[1])
  return {
    inside: of('requests_inside'),
    limit: of('requests_limit'),
    busy: of('pool_busy'),
    waiting: of('pool_waiting'),
    opening: of('streams_opening'),
    refused: of('refused_total\\{reason="overloaded"\\}'),
  }
}
async function until(holds: (now: Figures) => boolean): Promise<Figures> {
  for (;;) {
    const now = await figures()
    if (holds(now)) return now
  }
}
const list = async ({ token }: TestUser): Promise<Received> =>
  await send(service.url, { path: '/trpc/lists.list', headers: { authorization: `Bearer ${token}` } })

/** Callers, each of whom calls again as soon as it was answered, or a little after it was refused. */
function callers(people: readonly TestUser[]): { end(): Promise<Received[]> } {
  const over = new AbortController()
  const answers: Received[] = []
  const calling = people.map(async (person) => {
    while (!over.signal.aborted) {
      const answer = await list(person)
      answers.push(answer)
      if (answer.status !== 200) await pause(50)
    }
  })
  return {
    async end() {
      over.abort()
      await Promise.all(calling)
      return answers
    },
  }
}

interface Headed {
  answer: Promise<Received>
  /** Sends a body, which is no input of anything. */
  finish(): void
  hangUp(): void
}
/** Sends the head of a mutation, and never its body. */
function sendHead({ token }: TestUser, path = '/trpc/tasks.create', headers: Record<string, string> = {}): Headed {
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
/** The answer to a head alone, once the service is full. */
async function refusedAtHead(...given: Parameters<typeof sendHead>): Promise<Received> {
  for (;;) {
    const { refused } = await until(({ inside, limit }) => inside >= limit)
    const { answer, hangUp } = sendHead(...given)
    // Where it has found a place meanwhile, it waits for the body.
    const inside = until((now) => now.refused > refused + 100).then(() => undefined)
    const received = await Promise.race([answer, inside])
    hangUp()
    if (received !== undefined) return received
  }
}

test('with every connection held the queues are bounded, the rest is refused unread, and health answers', async () => {
  const people = await Promise.all(Array.from({ length: 12 }, async () => (await newCaller(service)).user))
  // Each is known from the first answer on, and has a connection open.
  await Promise.all(people.map(list))
  const [latecomer = people[0]] = people.slice(-1)
  if (latecomer === undefined) throw new Error('nobody')
  // These come in while there is room, and are whole only when there is none.
  const slow = Array.from({ length: 20 }, () => sendHead(latecomer))
  await list(latecomer)
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const calling = await admin.sql.begin(async (sql) => {
    // Whoever reads lists waits.
    await sql`lock table tw.lists in access exclusive mode`
    const before = await figures()
    const calling = callers(Array.from({ length: 60 }, (_, n) => people[n % people.length] ?? latecomer))
    const full = await until(({ busy, refused }) => busy === CONNECTIONS && refused > before.refused)
    expect(full.inside).toBeLessThanOrEqual(2 * 8 * CONNECTIONS)
    expect(full.waiting).toBeLessThanOrEqual(full.inside)

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
      // Between those that have waited too long and those that come again there may be room.
      await until(({ inside, limit }) => inside >= limit)
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

  await until(({ inside, busy, waiting }) => inside === 0 && busy === 0 && waiting === 0)
  for (const person of people) expect(await list(person)).toMatchObject({ status: 200 })
})

test('who sends a body slowly takes no place', async () => {
  const { user } = await newCaller(service)
  await list(user)
  const before = await figures()
  await until(({ inside }) => inside === 0)
  const slow = Array.from({ length: 2 * before.limit + 1 }, () => sendHead(user))
  // Each of them has come in, since one after the last has been answered.
  expect(await list(user)).toMatchObject({ status: 200 })
  expect((await figures()).inside).toBe(0)
  expect((await figures()).refused).toBe(before.refused)
  for (const { hangUp } of slow) hangUp()
})

test('a noisy user’s calls leave room for another’s', async () => {
  const [noisy, quiet] = [(await newCaller(service)).user, (await newCaller(service)).user]
  await Promise.all([list(noisy), list(quiet)])
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const noise = await admin.sql.begin(async (sql) => {
    await sql`lock table tw.lists in access exclusive mode`
    const before = await figures()
    const calling = callers(Array.from({ length: 100 }, () => noisy))
    await until(({ inside, refused, limit }) => inside >= limit && refused > before.refused)
    const path = '/trpc/tasks.list?input=%7B%7D'
    const answer = await send(service.url, { path, headers: { authorization: `Bearer ${quiet.token}` } })
    expect(answer).toMatchObject({ status: 200 })
    return calling
  })
  await noise.end()
  await until(({ inside }) => inside === 0)
})

test('a stream holds no place', async () => {
  const { user } = await newCaller(service)
  await until(({ inside }) => inside === 0)
  const gone = new AbortController()
  const response = await fetch(`${service.url}/trpc/changes.subscribe?input=${encodeURIComponent('{"after":0}')}`, {
    headers: { authorization: `Bearer ${user.token}` },
    signal: gone.signal,
  })
  const { value } = (await response.body?.getReader().read()) ?? {}
  expect([response.status, value?.length]).toEqual([200, expect.any(Number)])
  expect((await figures()).inside).toBe(0)
  gone.abort()
})

test('streams that open all at once leave connections and places to calls', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, async () => (await newCaller(service)).user))
  const { user: other } = await newCaller(service)
  await list(other)
  await until(({ inside, busy }) => inside === 0 && busy === 0)
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { opening } = await admin.sql.begin(async (sql) => {
    // Whoever opens a stream waits.
    await sql`lock table tw.changes in access exclusive mode`
    const opening = Array.from({ length: 48 }, async (_, nr) => {
      const headers = { authorization: `Bearer ${people[nr % people.length]?.token}` }
      return await openRawStream(service.url, headers, { after: 0 })
    })
    await until(({ opening }) => opening === 48)
    expect(await list(other)).toMatchObject({ status: 200 })
    expect(await figures()).toMatchObject({ inside: 0, busy: 2, waiting: 0 })
    // In an object, since the driver would wait for them before it unlocks.
    return { opening }
  })
  for (const stream of await Promise.all(opening)) {
    // OVERLOADED for whoever has waited for the lock as long as anybody does.
    expect([200, 503]).toContain(stream.status)
    stream[Symbol.dispose]()
  }
})
