import { connectOnce, createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { afterAll, expect, test, vi } from 'vitest'
import { credentialHash } from './credential.ts'
import { createSignIn, type SignInOptions } from './sign-in.ts'

// Concurrent requests of one account. Hashing is cheap here, so that they overlap more often.

const [OLD, NEW] = ['correct horse', 'battery staple']
const CHEAP = { N: 2, r: 1, p: 1 }
const database = await createTestDatabase()
const admin = createClient({ address: database.admin, applicationName: 'taskwire-test' })
const statements = openStatements({ address: database.auth, applicationName: 'taskwire-test', max: 8, ...PATIENT })
afterAll(async () => {
  await Promise.all([statements.end(), admin.end({ timeout: 5 })])
  await database[Symbol.asyncDispose]()
})

const create = (changes: Partial<SignInOptions> = {}) =>
  createSignIn({
    query: statements.query,
    secret: 'k7Hq2mVx9RzT4bWc6JdLpY3sNfGe8uAa',
    baseUrl: 'https://tasks.example.com',
    trustedOrigins: [],
    secureCookies: false,
    rateLimit: { enabled: false },
    hashing: CHEAP,
    log: () => {},
    ...changes,
  })
const service = create()

interface Sent {
  to?: typeof service
  token?: string
  from?: string
}
async function send(path: string, body: object | undefined, { to = service, token, from = '192.0.2.1' }: Sent = {}) {
  const request = new Request(`https://tasks.example.com/auth/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const response = await to.handle(request, from)
  // Asserted by its use.
  const reply = (await response.json()) as { token?: string; code?: string }
  return { status: response.status, code: reply.code, token: reply.token }
}

let accounts = 0
async function account(): Promise<{ email: string; token: string }> {
  const email = `account${++accounts}@example.com`
  const { status, token = '' } = await send('sign-up/email', { email, password: OLD, name: 'Ann' })
  expect(status).toBe(200)
  return { email, token }
}
const signIn = async (email: string, password: string, sent: Sent = {}) =>
  await send('sign-in/email', { email, password }, sent)
const change = async (token: string, newPassword = NEW, sent: Sent = {}) =>
  await send('change-password', { currentPassword: OLD, newPassword }, { ...sent, token })

/** Returns how many of these tokens belong to a session. */
async function countSessions(tokens: (string | undefined)[]): Promise<number> {
  const rows = await admin<{ hash: string }[]>`select encode(token_hash, 'hex') as hash from auth.sessions`
  const hashes = new Set(rows.map(({ hash }) => hash))
  return tokens.filter((token) => token !== undefined && hashes.has(credentialHash(token).toString('hex'))).length
}

test('no session of the old password survives a change, in 100 rounds', async () => {
  const old: (string | undefined)[] = []
  for (let round = 0; round < 100; round++) {
    const { email, token } = await account()
    const [changed, ...signedIn] = await Promise.all([
      change(token),
      ...Array.from({ length: 6 }, async () => await signIn(email, OLD)),
    ])
    expect(changed.status).toBe(200)
    for (const { status } of signedIn) expect([200, 401]).toContain(status)
    old.push(token, ...signedIn.map((one) => one.token))
    expect((await signIn(email, NEW)).status).toBe(200)
  }
  expect(old.filter((token) => token !== undefined).length).toBeGreaterThan(150)
  expect(await countSessions(old)).toBe(0)
})

test('a password change ends a session that is inserted but not committed', async () => {
  const { email, token } = await account()
  await admin.unsafe(`
    create function auth.hold() returns trigger language plpgsql as $$
      begin if new.ip_address = '192.0.2.99' then perform pg_advisory_xact_lock_shared(99); end if; return new; end $$;
    create trigger hold after insert on auth.sessions for each row execute function auth.hold()`)
  const waiting = async (wait: string): Promise<boolean> =>
    (await admin`select 1 from pg_stat_activity where datname = ${database.name} and wait_event = ${wait}`).length > 0
  await using holder = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await holder.sql`select pg_advisory_lock(99)`
  const signedIn = signIn(email, OLD, { from: '192.0.2.99' })
  await vi.waitUntil(async () => await waiting('advisory'), { timeout: 60_000 })
  const changed = change(token)
  // The change waits for the account's row, which the sign-in has locked.
  await vi.waitUntil(async () => (await waiting('transactionid')) || (await waiting('tuple')), { timeout: 60_000 })
  await holder.sql`select pg_advisory_unlock(99)`
  await admin.unsafe('drop trigger hold on auth.sessions')
  expect([(await signedIn).status, (await changed).status]).toEqual([200, 200])
  expect(await countSessions([token, (await signedIn).token])).toBe(0)
})

test('one of ten concurrent changes succeeds', async () => {
  const { email, token } = await account()
  const tokens = [token]
  for (let nr = 0; nr < 4; nr++) tokens.push((await signIn(email, OLD)).token ?? '')
  const changes = await Promise.all(
    Array.from({ length: 10 }, async (_, nr) => await change(tokens[nr % 5] ?? '', `new password ${nr}`)),
  )
  const done = changes.flatMap(({ status }, nr) => (status === 200 ? [nr] : []))
  expect(done).toHaveLength(1)
  for (const { status } of changes) expect([200, 401]).toContain(status)
  expect((await signIn(email, `new password ${done[0]}`)).status).toBe(200)
})
