import type { scrypt } from 'node:crypto'
import { createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { createSignIn, type SignIn } from './sign-in.ts'

// Replaces scrypt by a cheap one that records the parameters, counts concurrent hashes and can be paused.
const hashing = vi.hoisted(() => ({ costs: [] as string[], running: 0, most: 0, gate: Promise.resolve() }))
vi.mock('node:crypto', async (original) => {
  const real = await original<{ scrypt: typeof scrypt }>()
  const countedScrypt = (text: string, salt: Buffer, length: number, options: object, done: () => void): void => {
    hashing.costs.push(JSON.stringify([length, options]))
    hashing.most = Math.max(hashing.most, ++hashing.running)
    const onDone = (...results: unknown[]): void => {
      hashing.running--
      Reflect.apply(done, undefined, results)
    }
    void hashing.gate.then(() => real.scrypt(text, salt, length, { N: 2 }, onDone))
  }
  return { ...real, scrypt: countedScrypt }
})

const PASSWORD = 'correct horse'
const database = await createTestDatabase()
const admin = createClient({ address: database.admin, applicationName: 'taskwire-test' })
const statements = openStatements({ address: database.auth, applicationName: 'taskwire-test', max: 5, ...PATIENT })
afterAll(async () => {
  await Promise.all([statements.end(), admin.end({ timeout: 5 })])
  await database[Symbol.asyncDispose]()
})

const logged: string[] = []

/** Creates the sign-in of one process. All of them share the counts in the database. */
function createInstance({ limited = true } = {}): SignIn {
  return createSignIn({
    query: statements.query,
    secret: 'k7Hq2mVx9RzT4bWc6JdLpY3sNfGe8uAa',
    baseUrl: 'https://tasks.example.com',
    trustedOrigins: [],
    secureCookies: false,
    rateLimit: { enabled: limited },
    log: (level, message, details) => logged.push(`${level} ${message} ${JSON.stringify(details)}`),
  })
}
let one = createInstance()
const unlimited = createInstance({ limited: false })
beforeEach(async () => {
  one = createInstance()
  await admin`delete from auth.sign_in_attempts`
  hashing.costs = []
  hashing.most = 0
})

interface Sent {
  to?: SignIn
  from?: string
  headers?: Record<string, string>
}
async function send(path: string, body: object, { to = one, from = '192.0.2.1', headers = {} }: Sent = {}) {
  const request = new Request(`https://tasks.example.com/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const response = await to.handle(request, from)
  return { status: response.status, text: await response.text(), headers: response.headers }
}

let emails = 0
const newEmail = (): string => `user${++emails}@example.com`
/** Signs up from this address, from which the account then has a session. */
async function signUp(from = '198.51.100.1'): Promise<{ email: string; token: string }> {
  const email = newEmail()
  const { status, text } = await send(
    'sign-up/email',
    { email, password: PASSWORD, name: 'Ann' },
    { to: unlimited, from },
  )
  expect(status).toBe(200)
  return { email, token: (JSON.parse(text) as { token: string }).token }
}
const signIn = async (email: string, password: string, sent: Sent = {}) =>
  await send('sign-in/email', { email, password }, sent)
const signInWrong = async (email: string, sent: Sent = {}) => await signIn(email, 'wrong horse', sent)
const address = (n: number): string => `203.0.113.${n}`

async function statuses(count: number, run: (n: number) => Promise<{ status: number }>): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n < count; n++) all.push((await run(n)).status)
  return all
}
const times = (count: number, status: number): number[] => Array.from({ length: count }, () => status)

test('each process refuses a flood from one address, with correct passwords too', async () => {
  const { email } = await signUp()
  expect(await statuses(31, async () => await signIn(email, PASSWORD))).toEqual([...times(30, 200), 429])
  expect((await signIn(email, PASSWORD, { from: address(1) })).status).toBe(200)
})

test('refused and invalid requests cost no hash', async () => {
  const { email } = await signUp()
  await statuses(20, async (n) => await signInWrong(email, { from: address(n) }))
  hashing.costs = []
  expect((await signInWrong(email, { from: address(90) })).status).toBe(429)
  expect((await signIn(email, 'x'.repeat(129), { from: address(91) })).status).toBe(400)
  expect((await signIn(email, 'x'.repeat(1_000_000), { from: address(91) })).status).toBe(413)
  expect((await signIn('no address', PASSWORD, { from: address(91) })).status).toBe(400)
  expect(hashing.costs).toEqual([])
})

test('three hashes run at a time and forty wait; further requests are OVERLOADED', async () => {
  const { email } = await signUp()
  const gate = Promise.withResolvers<void>()
  hashing.gate = gate.promise
  hashing.most = 0
  let refused = 0
  const all = Array.from({ length: 60 }, async () => {
    const reply = await signInWrong(email, { to: unlimited })
    // The last refusal lets the others continue.
    if (reply.status === 503 && ++refused === 17) gate.resolve()
    return reply
  })
  const replies = await Promise.all(all)
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(43)
  const refusals = replies.filter(({ status }) => status === 503)
  expect(refusals).toHaveLength(17)
  for (const { text, headers } of refusals) {
    expect(text).toContain('"OVERLOADED"')
    expect(text).toContain('Too many passwords are being checked; retry in two seconds.')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(hashing.most).toBe(3)
})

test('an attempt that fails by a fault of the service does not count', async () => {
  const { email } = await signUp()
  await admin.unsafe(`create function auth.fail() returns trigger language plpgsql as $$ begin raise 'x' using errcode = '53100'; end $$;
    create trigger fail before insert on auth.sessions for each row execute function auth.fail()`)
  try {
    expect(await statuses(22, async (n) => await signIn(email, PASSWORD, { from: address(n) }))).toEqual(times(22, 503))
  } finally {
    await admin.unsafe('drop function auth.fail cascade')
  }
  expect((await signIn(email, PASSWORD, { from: address(99) })).status).toBe(200)
})

test('none of these requests was logged as an unexpected error', () => {
  expect(logged.length).toBeGreaterThan(0)
  expect(logged.filter((line) => /unexpected|internal/.test(line))).toEqual([])
})
