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
let [one, two] = [createInstance(), createInstance()]
const unlimited = createInstance({ limited: false })
beforeEach(async () => {
  ;[one, two] = [createInstance(), createInstance()]
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
/** Changes the counts as if these minutes had passed. */
const passMinutes = async (minutes: number): Promise<unknown> =>
  await admin`update auth.sign_in_attempts set spent_until = spent_until - ${minutes} * interval '1 minute'`

test('an account allows 20 attempts, over all addresses and processes', async () => {
  const { email } = await signUp()
  expect(
    await statuses(20, async (n) => await signInWrong(email, { from: address(n), to: n % 2 === 0 ? one : two })),
  ).toEqual(times(20, 401))
  for (const to of [one, two]) {
    const refused = await signIn(email, PASSWORD, { from: address(99), to })
    expect(refused).toMatchObject({ status: 429, text: expect.stringContaining('"RATE_LIMITED"') })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(180)
  }
  // Other accounts are not affected.
  const otherUser = await signUp()
  expect((await signIn(otherUser.email, PASSWORD, { from: address(99) })).status).toBe(200)
})

test('then one attempt is allowed every three minutes, over all processes', async () => {
  const { email } = await signUp()
  await statuses(20, async (n) => await signInWrong(email, { from: address(n) }))
  await passMinutes(3)
  expect(await statuses(2, async (n) => await signInWrong(email, { from: address(50 + n), to: two }))).toEqual([
    401, 429,
  ])
  await passMinutes(3)
  expect((await signIn(email, PASSWORD, { from: address(60), to: createInstance() })).status).toBe(200)
})

test('concurrent attempts do not exceed the limit', async () => {
  const { email } = await signUp()
  const attempts = await Promise.all(
    Array.from({ length: 40 }, (_, n) => signInWrong(email, { from: address(n), to: n % 2 === 0 ? one : two })),
  )
  expect(attempts.filter(({ status }) => status === 401)).toHaveLength(20)
  expect(attempts.filter(({ status }) => status === 429)).toHaveLength(20)
})

test('the owner can sign in from an address with a session, whose attempts count separately', async () => {
  const home = '198.51.100.7'
  const { email, token } = await signUp(home)
  await statuses(25, async (n) => await signInWrong(email, { from: address(n) }))
  expect((await signIn(email, PASSWORD, { from: home })).status).toBe(200)
  expect(await statuses(21, async () => await signInWrong(email, { from: home, to: two }))).toEqual([
    ...times(20, 401),
    429,
  ])
  // The limit ends no session.
  const request = new Request('https://tasks.example.com/auth/get-session', {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await (await one.handle(request, address(1))).json()).toMatchObject({ user: { email } })
})

test('a correct password does not count, and does not reset the count', async () => {
  const { email } = await signUp()
  const sentFrom = (n: number): Sent => ({ from: address(n) })
  await statuses(19, async (n) => await signInWrong(email, sentFrom(n)))
  // Afterwards this address has a session.
  expect((await signIn(email, PASSWORD, sentFrom(100))).status).toBe(200)
  expect(await statuses(2, async (n) => await signInWrong(email, sentFrom(50 + n)))).toEqual([401, 429])
})

test('an address allows 50 attempts, an IPv6 /64 counting as one address', async () => {
  const from = (n: number): string => `2001:db8:1:2::${(n + 1).toString(16)}`
  const many = [createInstance(), createInstance(), createInstance()]
  const attempts = await statuses(51, async (n) => {
    const to = many[n % many.length]
    return await signInWrong(newEmail(), { from: from(n), ...(to === undefined ? {} : { to }) })
  })
  expect(attempts).toEqual([...times(50, 401), 429])
  const { email } = await signUp()
  expect((await signIn(email, PASSWORD, { from: '2001:db8:1:3::1' })).status).toBe(200)
  // An attempt that the address limit refuses does not count against the account.
  expect(await admin`select from auth.sign_in_attempts`).toHaveLength(1 + 50 + 2)
})

test('known and unknown accounts get the same replies, with the same work', async () => {
  const { email } = await signUp()
  const attemptAll = async (userEmail: string): Promise<unknown> => {
    hashing.costs = []
    const replies = []
    for (let n = 0; n < 22; n++) {
      const { status, text, headers } = await signInWrong(userEmail, { from: address(n) })
      replies.push({ status, text, headers: [...headers].filter(([name]) => name !== 'retry-after') })
    }
    return { replies, hashes: hashing.costs }
  }
  const known = await attemptAll(email)
  expect(await attemptAll(newEmail())).toEqual(known)
  expect(known).toMatchObject({ hashes: { length: 20 } })
})

test('an address allows 30 sign-ups, including those with an address in use', async () => {
  const { email } = await signUp()
  const attemptSignUp = async (n: number) =>
    await send(
      'sign-up/email',
      { email: n % 2 === 0 ? email : newEmail(), password: PASSWORD, name: 'Eve' },
      { to: n % 3 === 0 ? one : two },
    )
  expect(await statuses(31, attemptSignUp)).toEqual([
    ...Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? 422 : 200)),
    429,
  ])
})

test('a session allows 10 attempts with the old password', async () => {
  const { token } = await signUp()
  const change = async (n: number) =>
    await send(
      'change-password',
      { currentPassword: 'wrong horse', newPassword: 'battery staple' },
      { headers: { authorization: `Bearer ${token}` }, from: address(n), to: n % 2 === 0 ? one : two },
    )
  expect(await statuses(11, change)).toEqual([...times(10, 400), 429])
})

test('expired counts are deleted', async () => {
  await statuses(10, async (n) => await signInWrong(newEmail(), { from: address(n) }))
  expect(await admin`select from auth.sign_in_attempts`).toHaveLength(20)
  await passMinutes(60)
  await statuses(6, async (n) => await signInWrong(newEmail(), { from: address(100 + n) }))
  expect(await admin`select from auth.sign_in_attempts where spent_until < now()`).toHaveLength(0)
})

test('the counts do not reveal accounts or addresses', async () => {
  const { email } = await signUp()
  await signInWrong(email)
  const rows = await admin`select t::text as row from auth.sign_in_attempts t`
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${email}|${Buffer.from(email).toString('hex')}|192\\.0\\.2`))
})

test('an e-mail address is one account in every case, and its look-alikes are none', async () => {
  const { email } = await signUp()
  const upper = email.toUpperCase()
  expect((await signIn(upper, PASSWORD)).status).toBe(200)
  await statuses(20, async (n) => await signInWrong(n % 2 === 0 ? upper : email, { from: address(n) }))
  expect((await signInWrong(upper, { from: address(90) })).status).toBe(429)
  for (const odd of [
    email.replace('e', 'е'),
    email.replace('p', 'ｐ'),
    ` ${email}`,
    `${email}\u0000`,
    `${email}.`,
    email.replace('@', '\u200b@'),
  ])
    expect([odd, (await signIn(odd, PASSWORD, { from: address(91) })).status]).toEqual([odd, 400])
})

test('none of these requests was logged as an unexpected error', () => {
  expect(logged.filter((line) => /unexpected|internal/.test(line))).toEqual([])
})
