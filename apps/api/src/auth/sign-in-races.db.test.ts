import { connectOnce, createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { credentialHash } from './credential.ts'
import { createPasswordHashing } from './password-hashing.ts'
import { makeResetLink } from './reset-links.ts'
import { createSignIn, type SignInOptions } from './sign-in.ts'
import { extendSession } from './sign-in-sessions.ts'

// What becomes of two requests of one account that meet. Hashing is cheap here, so that they meet more often.

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

/** How many of these tokens are a session's. */
async function live(tokens: (string | undefined)[]): Promise<number> {
  const rows = await admin<{ hash: string }[]>`select encode(token_hash, 'hex') as hash from auth.sessions`
  const hashes = new Set(rows.map(({ hash }) => hash))
  return tokens.filter((token) => token !== undefined && hashes.has(credentialHash(token).toString('hex'))).length
}

/** A service that waits before it sends its first statement with these words, until it is let go on. */
function holding(words: string) {
  const reached = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  let first = true
  const query: SignInOptions['query'] = async (statement) => {
    if (first && statement.text.includes(words)) {
      first = false
      reached.resolve()
      await goOn.promise
    }
    return await statements.query(statement)
  }
  return { service: create({ query }), reached: reached.promise, goOn: goOn.resolve }
}

test('no session made with the old password survives a change, in 100 rounds', async () => {
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
  expect(await live(old)).toBe(0)
})

test('a session that is inserted and not committed yet when the password changes is ended by the change', async () => {
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
  // It waits for the account's row, which the sign-in has locked.
  await vi.waitUntil(async () => (await waiting('transactionid')) || (await waiting('tuple')), { timeout: 60_000 })
  await holder.sql`select pg_advisory_unlock(99)`
  await admin.unsafe('drop trigger hold on auth.sessions')
  expect([(await signedIn).status, (await changed).status]).toEqual([200, 200])
  expect(await live([token, (await signedIn).token])).toBe(0)
})

describe('between the check and what is done', () => {
  test('the password is changed: no sign-in with the old one', async () => {
    const { email, token } = await account()
    const held = holding('begin_session')
    const late = signIn(email, OLD, { to: held.service })
    await held.reached
    expect((await change(token)).status).toBe(200)
    held.goOn()
    expect(await late).toMatchObject({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' })
    expect(await admin`select from auth.sessions s join auth.users u on u.id = user_id where email = ${email}`).toEqual(
      [],
    )
  })

  test('the account is erased: no sign-in', async () => {
    const { email } = await account()
    const held = holding('begin_session')
    const late = signIn(email, OLD, { to: held.service })
    await held.reached
    await admin`delete from auth.users where email = ${email}`
    held.goOn()
    expect(await late).toMatchObject({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' })
  })

  test('another sign-in renews the hash: both are right', async () => {
    const { email } = await account()
    const older = await createPasswordHashing({ N: 4, r: 1, p: 1 }).hash(OLD)
    await admin`update auth.accounts a set password = ${older} from auth.users u where u.id = a.user_id and u.email = ${email}`
    const held = holding('begin_session')
    const late = signIn(email, OLD, { to: held.service })
    await held.reached
    expect((await signIn(email, OLD)).status).toBe(200)
    held.goOn()
    expect((await late).status).toBe(200)
    const rows =
      await admin`select password from auth.accounts a join auth.users u on u.id = a.user_id where u.email = ${email}`
    expect(rows).toEqual([{ password: expect.stringMatching(/^scrypt\$2\$1\$1\$/) }])
  })

  test.each([
    ['is signed out', async (token: string) => await send('sign-out', undefined, { token })],
    [
      'expires',
      async (token: string) =>
        await admin`update auth.sessions set expires_at = now() where token_hash = ${credentialHash(token)}`,
    ],
  ])('the session %s: it changes no password', async (_, end) => {
    const { email, token } = await account()
    const held = holding('change_password')
    const late = change(token, NEW, { to: held.service })
    await held.reached
    await end(token)
    held.goOn()
    expect((await late).status).toBe(401)
    expect((await signIn(email, OLD)).status).toBe(200)
  })

  test('another session changes the password: the first change stands', async () => {
    const { email, token } = await account()
    const { token: other } = await signIn(email, OLD)
    const held = holding('change_password')
    const late = change(token, 'a third password', { to: held.service })
    await held.reached
    expect((await change(other ?? '')).status).toBe(200)
    held.goOn()
    expect((await late).status).toBe(401)
    expect((await signIn(email, NEW)).status).toBe(200)
  })

  test('the session is signed out: it ends no others', async () => {
    const { email, token } = await account()
    const { token: other } = await signIn(email, OLD)
    const held = holding('end_sessions')
    const late = send('revoke-sessions', undefined, { to: held.service, token })
    await held.reached
    await send('sign-out', undefined, { token })
    held.goOn()
    expect((await late).status).toBe(401)
    expect(await live([other])).toBe(1)
  })

  test('the link gets too old: no new password', async () => {
    const { email } = await account()
    const token = new URL(await makeResetLink(database.owner, email, 'https://tasks.example.com')).hash.slice(1)
    const held = holding('reset_password')
    const late = send('reset-password', { token, password: NEW }, { to: held.service })
    await held.reached
    await admin`update auth.password_resets set expires_at = now() where token_hash = ${credentialHash(token)}`
    held.goOn()
    expect(await late).toMatchObject({ status: 400, code: 'INVALID_TOKEN' })
    expect((await signIn(email, OLD)).status).toBe(200)
  })

  test('the password is reset by the link: no second time', async () => {
    const { email } = await account()
    const token = new URL(await makeResetLink(database.owner, email, 'https://tasks.example.com')).hash.slice(1)
    const held = holding('reset_password')
    const late = send('reset-password', { token, password: 'a third password' }, { to: held.service })
    await held.reached
    expect((await send('reset-password', { token, password: NEW })).status).toBe(200)
    held.goOn()
    expect(await late).toMatchObject({ status: 400, code: 'INVALID_TOKEN' })
    expect((await signIn(email, NEW)).status).toBe(200)
  })

  test('the password is reset: no sign-in with the old one', async () => {
    const { email } = await account()
    const token = new URL(await makeResetLink(database.owner, email, 'https://tasks.example.com')).hash.slice(1)
    const held = holding('begin_session')
    const late = signIn(email, OLD, { to: held.service })
    await held.reached
    expect((await send('reset-password', { token, password: NEW })).status).toBe(200)
    held.goOn()
    expect((await late).status).toBe(401)
  })

  test('the address is taken: no second account', async () => {
    const email = `account${++accounts}@example.com`
    const held = holding('sign_up')
    const late = send('sign-up/email', { email, password: OLD, name: 'Eve' }, { to: held.service })
    await held.reached
    expect((await send('sign-up/email', { email, password: NEW, name: 'Ann' })).status).toBe(200)
    held.goOn()
    expect(await late).toMatchObject({ status: 422, code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' })
    expect(await admin`select name from auth.users where email = ${email}`).toEqual([{ name: 'Ann' }])
  })

  test('a session that has ended is not extended', async () => {
    const { token } = await account()
    await send('sign-out', undefined, { token })
    await extendSession(statements.query, credentialHash(token))
    expect(await live([token])).toBe(0)
  })
})

test('of ten changes at once one is done', async () => {
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
