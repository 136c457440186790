import type { scrypt } from 'node:crypto'
import { createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { createSignIn, type SignIn } from './sign-in.ts'

// Each hash is counted, may be held back, and costs next to nothing: what it would cost is kept.
const hashing = vi.hoisted(() => ({ costs: [] as string[], running: 0, most: 0, gate: Promise.resolve() }))
vi.mock('node:crypto', async (original) => {
  const real = await original<{ scrypt: typeof scrypt }>()
  const counted = (text: string, salt: Buffer, length: number, options: object, done: () => void): void => {
    hashing.costs.push(JSON.stringify([length, options]))
    hashing.most = Math.max(hashing.most, ++hashing.running)
    const ended = (...told: unknown[]): void => {
      hashing.running--
      Reflect.apply(done, undefined, told)
    }
    void hashing.gate.then(() => real.scrypt(text, salt, length, { N: 2 }, ended))
  }
  return { ...real, scrypt: counted }
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

/** One process that serves; those of one database count together. */
function instance({ limited = true } = {}): SignIn {
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
let [one, two] = [instance(), instance()]
const open = instance({ limited: false })
beforeEach(async () => {
  ;[one, two] = [instance(), instance()]
  await admin`delete from auth.tries`
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

let people = 0
const newEmail = (): string => `person${++people}@example.com`
/** An account, made and so known at this address. */
async function person(from = '198.51.100.1'): Promise<{ email: string; token: string }> {
  const email = newEmail()
  const { status, text } = await send('sign-up/email', { email, password: PASSWORD, name: 'Ann' }, { to: open, from })
  expect(status).toBe(200)
  return { email, token: (JSON.parse(text) as { token: string }).token }
}
const signIn = async (email: string, password: string, sent: Sent = {}) =>
  await send('sign-in/email', { email, password }, sent)
const wrong = async (email: string, sent: Sent = {}) => await signIn(email, 'wrong horse', sent)
const address = (n: number): string => `203.0.113.${n}`

async function statuses(tries: number, run: (n: number) => Promise<{ status: number }>): Promise<number[]> {
  const told: number[] = []
  for (let n = 0; n < tries; n++) told.push((await run(n)).status)
  return told
}
const times = (count: number, status: number): number[] => Array.from({ length: count }, () => status)
/** As if so many minutes had gone by. */
const passMinutes = async (minutes: number): Promise<unknown> =>
  await admin`update auth.tries set spent_until = spent_until - ${minutes} * interval '1 minute'`

test('an account is tried 20 times, from however many addresses and by however many processes', async () => {
  const { email } = await person()
  expect(
    await statuses(20, async (n) => await wrong(email, { from: address(n), to: n % 2 === 0 ? one : two })),
  ).toEqual(times(20, 401))
  for (const to of [one, two]) {
    const refused = await signIn(email, PASSWORD, { from: address(99), to })
    expect(refused).toMatchObject({ status: 429, text: expect.stringContaining('"RATE_LIMITED"') })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(180)
  }
  // Nobody else's is.
  const other = await person()
  expect((await signIn(other.email, PASSWORD, { from: address(99) })).status).toBe(200)
})

test('and then once every three minutes, by whichever process', async () => {
  const { email } = await person()
  await statuses(20, async (n) => await wrong(email, { from: address(n) }))
  await passMinutes(3)
  expect(await statuses(2, async (n) => await wrong(email, { from: address(50 + n), to: two }))).toEqual([401, 429])
  await passMinutes(3)
  expect((await signIn(email, PASSWORD, { from: address(60), to: instance() })).status).toBe(200)
})

test('no number of tries at once gets by', async () => {
  const { email } = await person()
  const tries = await Promise.all(
    Array.from({ length: 40 }, (_, n) => wrong(email, { from: address(n), to: n % 2 === 0 ? one : two })),
  )
  expect(tries.filter(({ status }) => status === 401)).toHaveLength(20)
  expect(tries.filter(({ status }) => status === 429)).toHaveLength(20)
})

test('an owner is not locked out where they have a session; tries from there count by themselves', async () => {
  const home = '198.51.100.7'
  const { email, token } = await person(home)
  await statuses(25, async (n) => await wrong(email, { from: address(n) }))
  expect((await signIn(email, PASSWORD, { from: home })).status).toBe(200)
  expect(await statuses(21, async () => await wrong(email, { from: home, to: two }))).toEqual([...times(20, 401), 429])
  // Nor by a limit is a session ended.
  const request = new Request('https://tasks.example.com/auth/get-session', {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await (await one.handle(request, address(1))).json()).toMatchObject({ user: { email } })
})

test('a right password does not count, and a wrong one does before it', async () => {
  const { email } = await person()
  const there = (n: number): Sent => ({ from: address(n) })
  await statuses(19, async (n) => await wrong(email, there(n)))
  // Signed in, it is a known address.
  expect((await signIn(email, PASSWORD, there(100))).status).toBe(200)
  expect(await statuses(2, async (n) => await wrong(email, there(50 + n)))).toEqual([401, 429])
})

test('one address tries 50 accounts, and its neighbours in the same /64 with it', async () => {
  const from = (n: number): string => `2001:db8:1:2::${(n + 1).toString(16)}`
  const many = [instance(), instance(), instance()]
  const tries = await statuses(51, async (n) => {
    const to = many[n % many.length]
    return await wrong(newEmail(), { from: from(n), ...(to === undefined ? {} : { to }) })
  })
  expect(tries).toEqual([...times(50, 401), 429])
  const { email } = await person()
  expect((await signIn(email, PASSWORD, { from: '2001:db8:1:3::1' })).status).toBe(200)
  // Refused for its address, a try does not count for the account.
  expect(await admin`select from auth.tries`).toHaveLength(1 + 50 + 2)
})

test('known and unknown accounts are told the same, by the same work', async () => {
  const { email } = await person()
  const story = async (who: string): Promise<unknown> => {
    hashing.costs = []
    const told = []
    for (let n = 0; n < 22; n++) {
      const { status, text, headers } = await wrong(who, { from: address(n) })
      told.push({ status, text, headers: [...headers].filter(([name]) => name !== 'retry-after') })
    }
    return { told, hashes: hashing.costs }
  }
  const known = await story(email)
  expect(await story(newEmail())).toEqual(known)
  expect(known).toMatchObject({ hashes: { length: 20 } })
})

test('an address signs 30 accounts up, those that exist counting too', async () => {
  const { email } = await person()
  const up = async (n: number) =>
    await send(
      'sign-up/email',
      { email: n % 2 === 0 ? email : newEmail(), password: PASSWORD, name: 'Eve' },
      { to: n % 3 === 0 ? one : two },
    )
  expect(await statuses(31, up)).toEqual([...Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? 422 : 200)), 429])
})

test('whoever has a session tries the old password 10 times', async () => {
  const { token } = await person()
  const change = async (n: number) =>
    await send(
      'change-password',
      { currentPassword: 'wrong horse', newPassword: 'battery staple' },
      { headers: { authorization: `Bearer ${token}` }, from: address(n), to: n % 2 === 0 ? one : two },
    )
  expect(await statuses(11, change)).toEqual([...times(10, 400), 429])
})

test('a flood from one address is refused by each process at once, right passwords too', async () => {
  const { email } = await person()
  expect(await statuses(31, async () => await signIn(email, PASSWORD))).toEqual([...times(30, 200), 429])
  expect((await signIn(email, PASSWORD, { from: address(1) })).status).toBe(200)
})

test('what is not looked at costs no hash', async () => {
  const { email } = await person()
  await statuses(20, async (n) => await wrong(email, { from: address(n) }))
  hashing.costs = []
  expect((await wrong(email, { from: address(90) })).status).toBe(429)
  expect((await signIn(email, 'x'.repeat(129), { from: address(91) })).status).toBe(400)
  expect((await signIn(email, 'x'.repeat(1_000_000), { from: address(91) })).status).toBe(413)
  expect((await signIn('no address', PASSWORD, { from: address(91) })).status).toBe(400)
  expect(hashing.costs).toEqual([])
})

test('three hash at a time and forty wait; the others are told to come again', async () => {
  const { email } = await person()
  const gate = Promise.withResolvers<void>()
  hashing.gate = gate.promise
  hashing.most = 0
  let refused = 0
  const all = Array.from({ length: 60 }, async () => {
    const told = await wrong(email, { to: open })
    // The last to be refused lets the others go on.
    if (told.status === 503 && ++refused === 17) gate.resolve()
    return told
  })
  const told = await Promise.all(all)
  expect(told.filter(({ status }) => status === 401)).toHaveLength(43)
  const late = told.filter(({ status }) => status === 503)
  expect(late).toHaveLength(17)
  for (const { text, headers } of late) {
    expect(text).toContain('"OVERLOADED"')
    expect(text).toContain('Too many passwords are being checked; try again in two seconds.')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(hashing.most).toBe(3)
})

test('a refusal that the service is to blame for does not count', async () => {
  const { email } = await person()
  await admin.unsafe(`create function auth.fail() returns trigger language plpgsql as $$ begin raise 'x' using errcode = '53100'; end $$;
    create trigger fail before insert on auth.sessions for each row execute function auth.fail()`)
  try {
    expect(await statuses(22, async (n) => await signIn(email, PASSWORD, { from: address(n) }))).toEqual(times(22, 503))
  } finally {
    await admin.unsafe('drop function auth.fail cascade')
  }
  expect((await signIn(email, PASSWORD, { from: address(99) })).status).toBe(200)
})

test('what has been forgotten leaves no rows behind', async () => {
  await statuses(10, async (n) => await wrong(newEmail(), { from: address(n) }))
  expect(await admin`select from auth.tries`).toHaveLength(20)
  await passMinutes(60)
  await statuses(6, async (n) => await wrong(newEmail(), { from: address(100 + n) }))
  expect(await admin`select from auth.tries where spent_until < now()`).toHaveLength(0)
})

test('whom it counts cannot be read from it', async () => {
  const { email } = await person()
  await wrong(email)
  const rows = await admin`select t::text as row from auth.tries t`
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${email}|${Buffer.from(email).toString('hex')}|192\\.0\\.2`))
})

test('an e-mail address is one account in every case, and its look-alikes are none', async () => {
  const { email } = await person()
  const upper = email.toUpperCase()
  expect((await signIn(upper, PASSWORD)).status).toBe(200)
  await statuses(20, async (n) => await wrong(n % 2 === 0 ? upper : email, { from: address(n) }))
  expect((await wrong(upper, { from: address(90) })).status).toBe(429)
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

test('signing in makes a session of its own, whatever session the browser came with', async () => {
  const [ann, eve] = [await person(), await person()]
  const cookie = (await signIn(eve.email, PASSWORD, { to: open })).headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
  const headers = { cookie, origin: 'https://tasks.example.com' }
  const first = await signIn(ann.email, PASSWORD, { to: open, headers })
  const second = await signIn(ann.email, PASSWORD, { to: open, headers })
  const tokens = [first, second].map(({ text }) => (JSON.parse(text) as { token: string }).token)
  expect(new Set([ann.token, ...tokens]).size).toBe(3)
  const request = new Request('https://tasks.example.com/auth/get-session', { headers: { cookie } })
  // What was planted is still whose it was.
  expect(await (await open.handle(request)).json()).toMatchObject({ user: { email: eve.email } })
})

test('a new password ends the other sessions, asked or not', async () => {
  const { token } = await person()
  const body = { currentPassword: PASSWORD, newPassword: 'battery staple', revokeOtherSessions: false }
  const refused = await send('change-password', body, { to: open, headers: { authorization: `Bearer ${token}` } })
  expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('revokeOtherSessions') })
})

test.each([
  ['names another origin', { origin: 'https://evil.example' }],
  ['names none, as of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['names none that can be told', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['is of another host of the site', { origin: 'https://evil.tasks.example.com', 'sec-fetch-site': 'same-site' }],
])('a page that %s neither signs in nor out, nor changes a password', async (_what, headers) => {
  const { email } = await person()
  const signed = await signIn(email, PASSWORD, { to: open })
  const cookie = signed.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
  const sent: Sent = { to: open, headers: { ...headers, cookie } }
  expect((await signIn(email, PASSWORD, sent)).status).toBe(403)
  expect((await send('sign-out', {}, sent)).status).toBe(403)
  const body = { currentPassword: PASSWORD, newPassword: 'battery staple' }
  expect((await send('change-password', body, sent)).status).toBe(403)
  expect((await send('sign-up/email', { email: newEmail(), password: PASSWORD, name: 'Eve' }, sent)).status).toBe(403)
  expect((await signIn(email, PASSWORD, { to: open })).status).toBe(200)
})

test('none of it was a fault of the service', () => {
  expect(logged.length).toBeGreaterThan(0)
  expect(logged.filter((line) => /unexpected|internal/.test(line))).toEqual([])
})
