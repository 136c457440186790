import { createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { credentialHash, credentialOf } from './credential.ts'
import { createPasswordHashing } from './password-hashing.ts'
import { createSignIn, type SignInOptions } from './sign-in.ts'
import { extendSession } from './sign-in-sessions.ts'

const ORIGIN = 'https://tasks.example.com'
const PASSWORD = 'correct horse'
const INVALID = { code: 'INVALID_EMAIL_OR_PASSWORD', message: 'Invalid email or password' }

/** Creates a database, with connections as the sign-in and as a superuser. */
async function setUp() {
  const database = await createTestDatabase()
  const { query, end } = openStatements({ address: database.auth, applicationName: 'sign-in-test', max: 5, ...PATIENT })
  const admin = createClient({ address: database.admin, applicationName: 'sign-in-test' })
  return {
    address: database.auth,
    query,
    admin,
    async [Symbol.asyncDispose]() {
      await Promise.all([end(), admin.end({ timeout: 5 })])
      await database[Symbol.asyncDispose]()
    },
  }
}

const environment = await setUp()
const { admin, query } = environment
afterAll(() => environment[Symbol.asyncDispose]())

const logged: string[] = []

function signIn(changes: Partial<SignInOptions> = {}) {
  return createSignIn({
    query,
    secret: 'k7Hq2mVx9RzT4bWc6JdLpY3sNfGe8uAa',
    baseUrl: ORIGIN,
    trustedOrigins: ['https://app.example.com'],
    secureCookies: false,
    rateLimit: { enabled: false },
    hashing: { N: 2, r: 1, p: 1 },
    log: (level, message, details) => logged.push(JSON.stringify({ level, message, details })),
    ...changes,
  })
}

const service = signIn()

interface Sent {
  method?: string
  body?: unknown
  /** Sent unchanged, instead of `body`. */
  raw?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  to?: typeof service
}

async function send(path: string, { method = 'POST', body, raw, headers = {}, to = service }: Sent = {}) {
  const sent = raw ?? (body === undefined ? null : JSON.stringify(body))
  const json = sent === null ? {} : { 'content-type': 'application/json' }
  const request = new Request(`http://any.host/auth/${path}`, { method, body: sent, headers: { ...json, ...headers } })
  const response = await to.handle(request, '192.0.2.1')
  const text = await response.text()
  return {
    status: response.status,
    text,
    body: text === '' ? undefined : (JSON.parse(text) as unknown), // The assertions below say what it is.
    headers: response.headers,
    cookie: response.headers.getSetCookie()[0] ?? '',
  }
}

const getSession = (headers: Record<string, string>, to = service) =>
  send('get-session', { method: 'GET', headers, to })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const cookieOf = (setCookie: string) => ({ cookie: setCookie.slice(0, setCookie.indexOf(';')) })

const pause = (ms: number) => new Promise<false>((resolve) => setTimeout(resolve, ms, false))

let users = 0

/** Signs up a new account. */
async function signUpUser() {
  const email = `user${++users}@example.com`
  const { cookie, ...reply } = await send('sign-up/email', { body: { email, password: PASSWORD, name: 'Ann' } })
  expect(reply.status).toBe(200)
  const { token, user } = reply.body as { token: string; user: { id: string } } // Asserted in the first test.
  return { email, token, id: user.id, cookie: cookieOf(cookie) }
}

async function count(table: 'users' | 'accounts' | 'sessions', email: string): Promise<number> {
  const key = table === 'users' ? 'id' : 'user_id'
  const rows = await admin`
    select 1 from ${admin(`auth.${table}`)} where ${admin(key)} in (select id from auth.users where email = ${email})`
  return rows.length
}

describe('signing up', () => {
  test('returns the token, the user and a cookie', async () => {
    const reply = await send('sign-up/email', {
      body: { email: 'Ann@Example.COM', password: PASSWORD, name: '  Ann\u0065\u0301  ' },
    })
    const time: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(reply).toMatchObject({
      status: 200,
      body: {
        token: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        user: {
          id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
          email: 'ann@example.com',
          name: 'Ann\u00e9',
          emailVerified: false,
          createdAt: time,
          updatedAt: time,
        },
      },
    })
    expect(reply.cookie).toMatch(/^taskwire\.session_token=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(reply.headers.get('set-auth-token')).toBeNull()
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })

  test('stores the session for seven days, with address and user agent', async () => {
    const { id } = await signUpUser()
    const [row] = await admin`
      select ip_address, extract(epoch from expires_at - now())::int as seconds from auth.sessions where user_id = ${id}`
    expect(row).toMatchObject({ ip_address: '192.0.2.1' })
    expect(row?.['seconds']).toBeGreaterThan(7 * 86400 - 60)
    expect(row?.['seconds']).toBeLessThanOrEqual(7 * 86400)
  })

  test('names the cookie __Secure- if it is for HTTPS only', async () => {
    const secure = signIn({ secureCookies: true })
    const { email } = await signUpUser()
    const { cookie } = await send('sign-in/email', { body: { email, password: PASSWORD }, to: secure })
    expect(cookie).toMatch(/^__Secure-taskwire\.session_token=.*; HttpOnly; Secure; SameSite=Lax$/)
    expect((await getSession(cookieOf(cookie), secure)).body).toMatchObject({ user: { email } })
  })

  test.each([
    ['the zone that it is given', { timeZone: 'America/Los_Angeles' }, 'America/Los_Angeles'],
    ['UTC without one', {}, 'UTC'],
  ])('creates the account with %s', async (_, more, zone) => {
    const email = `in-${zone.replace('/', '-')}@example.com`
    const body = { email, password: PASSWORD, name: 'Ann', ...more }
    expect((await send('sign-up/email', { body })).status).toBe(200)
    const rows = await admin`
      select u.time_zone from auth.users u where lower(u.email) = lower(${email})`
    expect(rows).toEqual([{ time_zone: zone }])
  })

  test('does not carry its zone over to other accounts on the same connection', async () => {
    await using statements = openStatements({
      address: environment.address,
      applicationName: 'one',
      max: 1,
      ...PATIENT,
    })
    const one = signIn({ query: statements.query })
    const zones: unknown[] = []
    for (const more of [{ timeZone: 'Asia/Kathmandu' }, {}, { timeZone: 'Africa/Lagos' }]) {
      const email = `zone${zones.length}@example.com`
      await send('sign-up/email', { body: { email, password: PASSWORD, name: 'Ann', ...more }, to: one })
      const [row] = await admin`
        select u.time_zone from auth.users u where u.email = ${email}`
      zones.push(row?.['time_zone'])
    }
    expect(zones).toEqual(['Asia/Kathmandu', 'UTC', 'Africa/Lagos'])
  })

  test('refuses an address that has an account, in any case', async () => {
    const { email } = await signUpUser()
    const again = await send('sign-up/email', { body: { email: email.toUpperCase(), password: PASSWORD, name: 'Eve' } })
    expect(again).toMatchObject({ status: 422, body: { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' } })
  })

  test('creates one account in two concurrent sign-ups', async () => {
    const body = { email: 'twice@example.com', password: PASSWORD, name: 'Ann' }
    const replies = await Promise.all(Array.from({ length: 5 }, () => send('sign-up/email', { body })))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422])
    expect(new Set(replies.filter(({ status }) => status === 422).map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(await count('users', body.email)).toBe(1)
    expect(await count('accounts', body.email)).toBe(1)
    expect(await count('sessions', body.email)).toBe(1)
  })

  test.each(['accounts', 'sessions'])('leaves no rows when writing to %s fails', async (table) => {
    await admin.unsafe(`
      create function auth.fail() returns trigger language plpgsql as $$ begin raise 'no room on the disk' using errcode = '53100'; end $$;
      create trigger fail before insert on auth.${table} for each row execute function auth.fail()`)
    const email = `fails-${table}@example.com`
    const body = { email, password: PASSWORD, name: 'Ann' }
    try {
      const reply = await send('sign-up/email', { body })
      expect(reply).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
      expect(reply.text).not.toContain('disk')
      expect(reply.headers.getSetCookie()).toEqual([])
    } finally {
      await admin.unsafe('drop function auth.fail cascade')
    }
    expect(await admin`select 1 from auth.users where email = ${email}`).toHaveLength(0)
    expect((await send('sign-up/email', { body })).status).toBe(200)
  })

  test('leaves no partial account when connections break', async () => {
    await using statements = openStatements({ address: environment.address, applicationName: 'sign-in-broken', max: 3 })
    const broken = signIn({ query: statements.query })
    const emails = Array.from({ length: 16 }, (_, n) => `broken${n}@example.com`)
    const ups = Promise.all(
      emails.map((email) => send('sign-up/email', { body: { email, password: PASSWORD, name: 'Ann' }, to: broken })),
    )
    const over = ups.then(() => true)
    while (!(await Promise.race([over, pause(5)])))
      await admin`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sign-in-broken' and random() < 0.3`
    for (const [n, { status }] of (await ups).entries()) {
      expect([200, 503]).toContain(status)
      const email = emails[n] ?? ''
      const there = await count('users', email)
      if (status === 200) expect(there).toBe(1)
      expect([await count('accounts', email), await count('sessions', email)]).toEqual([there, there])
    }
  })
})

describe('signing in', () => {
  test('returns another token and a cookie', async () => {
    const { email, token, id } = await signUpUser()
    const reply = await send('sign-in/email', { body: { email: email.toUpperCase(), password: PASSWORD } })
    expect(reply).toMatchObject({ status: 200, body: { token: expect.any(String), user: { id, email } } })
    expect(reply.body).not.toMatchObject({ token })
    expect(await count('sessions', email)).toBe(2)
  })

  test('returns the same reply for a wrong password and an unknown address', async () => {
    const { email } = await signUpUser()
    const wrong = await send('sign-in/email', { body: { email, password: 'wrong horse' } })
    const unknown = await send('sign-in/email', { body: { email: 'nobody@example.com', password: 'wrong horse' } })
    expect([wrong.status, wrong.body]).toEqual([401, INVALID])
    expect([unknown.status, unknown.text]).toEqual([wrong.status, wrong.text])
  })

  test.each([
    ['composed', 'caf\u00e9 au lait', 'cafe\u0301 au lait', 200],
    ['compatible', '\ufb01ne password', 'fine password', 200],
    ['full width', '\uff43orrect horse', 'correct horse', 200],
    ['cased', 'Correct Horse', 'correct horse', 401],
    ['blank at the end', 'correct horse ', 'correct horse', 401],
  ])(
    'accepts another composition of the same password, and no other password: %s',
    async (name, typed, other, status) => {
      const email = `${name.replaceAll(' ', '-')}@example.com`
      expect((await send('sign-up/email', { body: { email, password: typed, name: 'Ann' } })).status).toBe(200)
      expect((await send('sign-in/email', { body: { email, password: typed } })).status).toBe(200)
      expect((await send('sign-in/email', { body: { email, password: other } })).status).toBe(status)
    },
  )

  test.each([
    ['of 8', '12345678', 200],
    ['of 7', '1234567', 400],
    ['of 7 in 14 UTF-16 units', '🔑'.repeat(7), 400],
    ['of 128 in 256 UTF-16 units', '🔑'.repeat(128), 200],
    ['of 129', 'a'.repeat(129), 400],
    ['of 128 that are written as 256', 'e\u0301'.repeat(128), 200],
    ['of 8 that are written as one', '\ufdfb', 200],
    ['of 144 that are written as 8', '\ufdfa'.repeat(8), 400],
  ])('counts the characters of the normalised password: %s', async (name, password, status) => {
    const email = `counted-${name.replaceAll(' ', '-')}@example.com`
    expect((await send('sign-up/email', { body: { email, password, name: 'Ann' } })).status).toBe(status)
    if (status === 200) expect((await send('sign-in/email', { body: { email, password } })).status).toBe(200)
  })
})

test('a hash with other parameters is renewed by the next sign-in with the correct password', async () => {
  const { email, id } = await signUpUser()
  const older = await createPasswordHashing({ N: 4, r: 1, p: 1 }).hash(PASSWORD)
  await admin`update auth.accounts set password = ${older} where user_id = ${id}`
  const stored = async (): Promise<unknown> =>
    (await admin`select password from auth.accounts where user_id = ${id}`)[0]?.['password']
  expect((await send('sign-in/email', { body: { email, password: 'wrong horse' } })).status).toBe(401)
  expect(await stored()).toBe(older)
  expect((await send('sign-in/email', { body: { email, password: PASSWORD } })).status).toBe(200)
  const renewed = await stored()
  expect(renewed).toMatch(/^scrypt\$2\$1\$1\$/)
  expect((await send('sign-in/email', { body: { email, password: PASSWORD } })).status).toBe(200)
  expect(await stored()).toBe(renewed)
})

describe('a session', () => {
  test('is found by its cookie and by its token', async () => {
    const { email, id, token, cookie } = await signUpUser()
    const found = { status: 200, body: { session: { userId: id }, user: { id, email } } }
    expect(await getSession(cookie)).toMatchObject(found)
    expect(await getSession(bearer(token))).toMatchObject(found)
    expect(await getSession({ authorization: `bearer  ${token}` })).toMatchObject(found)
    expect(credentialOf(cookie)).toEqual({ kind: 'cookie', token })
  })

  test('is not found by anything else', async () => {
    const { token, cookie } = await signUpUser()
    const hash = credentialHash(token)
    const forged = { cookie: cookie.cookie.replace(token, token.toLowerCase()) }
    const hashes = [hash.toString('hex'), hash.toString('base64'), `\\x${hash.toString('hex')}`, 'not kept']
    for (const headers of [
      {},
      forged,
      ...hashes.map(bearer),
      bearer('x'.repeat(32)),
      bearer('%00'),
      bearer('a%0d%0ab'),
      bearer('é.é'),
    ])
      expect(await getSession(headers)).toMatchObject({ status: 200, body: null })
  })

  test('has no token in the database', async () => {
    const { email, token, id } = await signUpUser()
    await send('sign-in/email', { body: { email, password: PASSWORD } })
    await getSession(bearer(token))
    const rows = await admin`
      select s::text from auth.sessions s union all select a::text from auth.accounts a
      union all select u::text from auth.users u union all select r::text from auth.password_resets r`
    const text = rows.map((row) => String(row['s'])).join('\n')
    expect(text).toContain(id)
    expect(text).toContain(credentialHash(token).toString('hex'))
    for (const form of [token, Buffer.from(token).toString('hex'), Buffer.from(token).toString('base64')])
      expect(text).not.toContain(form)
  })

  test.each(['cookie', 'bearer'] as const)('ends by a sign-out with the %s, for both', async (kind) => {
    const { email, token, cookie } = await signUpUser()
    const other = await send('sign-in/email', { body: { email, password: PASSWORD } })
    const out = await send('sign-out', { headers: kind === 'cookie' ? cookie : bearer(token) })
    expect(out).toMatchObject({ status: 200, body: { success: true } })
    expect(out.cookie).toMatch(/^taskwire\.session_token=; Max-Age=0;/)
    expect((await getSession(cookie)).body).toBeNull()
    expect((await getSession(bearer(token))).body).toBeNull()
    expect((await getSession(cookieOf(other.cookie))).body).not.toBeNull()
    expect(await count('sessions', email)).toBe(1)
  })

  test('ends by a sign-out with any credential, as does each of two', async () => {
    const { email, token, cookie } = await signUpUser()
    const other = await signUpUser()
    const both = { ...cookie, ...bearer(other.token) }
    expect(await send('sign-out', { headers: both })).toMatchObject({ status: 200, body: { success: true } })
    expect([await count('sessions', email), await count('sessions', other.email)]).toEqual([0, 0])
    expect((await getSession(bearer(token))).body).toBeNull()
    // One valid session of two is enough.
    const third = await signUpUser()
    expect((await send('sign-out', { headers: { ...third.cookie, ...bearer(token) } })).status).toBe(200)
    expect(await count('sessions', third.email)).toBe(0)
  })

  test.each<[string, (ended: { token: string; cookie: { cookie: string } }) => Record<string, string>]>([
    ['nothing is presented', () => ({})],
    ['the token is unknown', () => bearer('nonsense')],
    ['the cookie is unknown', () => ({ cookie: 'taskwire.session_token=nonsense' })],
    ['it has ended', ({ token, cookie }) => ({ ...bearer(token), ...cookie })],
  ])('is not reported as ended where %s; the cookie is deleted', async (_, headersOf) => {
    const ended = await signUpUser()
    await send('sign-out', { headers: bearer(ended.token) })
    const reply = await send('sign-out', { headers: headersOf(ended) })
    expect(reply).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(reply.headers.getSetCookie()).toEqual(['taskwire.session_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'])
  })

  test('and its cookie are kept when the bearer token is unknown', async () => {
    const { email, cookie } = await signUpUser()
    const reply = await getSession({ ...cookie, ...bearer('nonsense') })
    expect([reply.body, reply.headers.getSetCookie()]).toEqual([null, []])
    expect(await count('sessions', email)).toBe(1)
  })

  test('ends once it has expired', async () => {
    const { id, token } = await signUpUser()
    await admin`update auth.sessions set expires_at = now() - interval '1 second' where user_id = ${id}`
    expect((await getSession(bearer(token))).body).toBeNull()
    expect((await send('revoke-sessions', { headers: bearer(token) })).status).toBe(401)
    expect((await send('sign-out', { headers: bearer(token) })).status).toBe(401)
  })

  test('ends with all others of its user', async () => {
    const { email, token } = await signUpUser()
    const stranger = await signUpUser()
    await send('sign-in/email', { body: { email, password: PASSWORD } })
    expect((await send('revoke-sessions', { headers: bearer(token) })).status).toBe(200)
    expect(await count('sessions', email)).toBe(0)
    expect((await getSession(bearer(stranger.token))).body).not.toBeNull()
  })

  test('is extended by get-session', async () => {
    const { id, cookie } = await signUpUser()
    await admin`update auth.sessions set expires_at = now() + interval '2 days' where user_id = ${id}`
    const { body } = await getSession(cookie)
    const { session } = body as { session: { expiresAt: string } } // Asserted by its use.
    expect(Date.parse(session.expiresAt)).toBeGreaterThan(Date.now() + 7 * 86_400_000 - 60_000)
    const [row] =
      await admin`select expires_at > now() + interval '6 days 23 hours' as extended from auth.sessions where user_id = ${id}`
    expect(row).toEqual({ extended: true })
  })
})

describe('changing a password', () => {
  const body = { currentPassword: PASSWORD, newPassword: 'battery staple' }

  test('needs the old password and a session', async () => {
    const { email, token } = await signUpUser()
    const wrong = { ...body, currentPassword: 'wrong horse' }
    expect(await send('change-password', { body: wrong, headers: bearer(token) })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_PASSWORD' },
    })
    expect((await send('change-password', { body })).status).toBe(401)
    expect((await send('sign-in/email', { body: { email, password: PASSWORD } })).status).toBe(200)
  })

  test('ends every session; a browser gets a new one as a cookie', async () => {
    const { email, token, cookie } = await signUpUser()
    const other = await send('sign-in/email', { body: { email, password: PASSWORD } })
    const changed = await send('change-password', { body, headers: cookie })
    expect(changed).toMatchObject({ status: 200, body: { user: { email } } })
    expect((await getSession(bearer(token))).body).toBeNull()
    expect((await getSession(cookieOf(other.cookie))).body).toBeNull()
    expect((await getSession(cookieOf(changed.cookie))).body).toMatchObject({ user: { email } })
    expect(await count('sessions', email)).toBe(1)
    expect((await send('sign-in/email', { body: { email, password: PASSWORD } })).status).toBe(401)
    expect((await send('sign-in/email', { body: { email, password: body.newPassword } })).status).toBe(200)
  })

  test('ends a program’s session, which has to sign in again', async () => {
    const { email, token } = await signUpUser()
    const changed = await send('change-password', { body, headers: bearer(token) })
    expect([changed.status, changed.headers.getSetCookie()]).toEqual([200, []])
    expect(await count('sessions', email)).toBe(0)
  })
})

describe('endpoints that do not exist', () => {
  let member: Awaited<ReturnType<typeof signUpUser>> | undefined

  test.each([
    ['GET', 'list-sessions'],
    ['POST', 'revoke-session'],
    ['POST', 'revoke-other-sessions'],
    ['POST', 'update-user'],
    ['POST', 'update-session'],
    ['POST', 'delete-user'],
    ['GET', 'delete-user/callback'],
    ['POST', 'change-email'],
    ['POST', 'set-password'],
    ['POST', 'verify-password'],
    ['POST', 'sign-in/social'],
    ['POST', 'link-social'],
    ['GET', 'callback/github'],
    ['GET', 'list-accounts'],
    ['POST', 'unlink-account'],
    ['POST', 'get-access-token'],
    ['POST', 'request-password-reset'],
    ['GET', 'reset-password/abc'],
    ['GET', 'verify-email'],
    ['POST', 'send-verification-email'],
    ['GET', 'ok'],
    ['GET', 'error'],
    ['GET', 'get-session/'],
    ['GET', ''],
    ['POST', 'sign-in%2Femail'],
    ['POST', '__proto__'],
  ])('%s %s is not found', async (method, path) => {
    member ??= await signUpUser()
    const reply = await send(path, { method, headers: bearer(member.token), ...(method === 'POST' && { body: {} }) })
    expect(reply).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })

  test.each([
    ['GET', 'sign-in/email', 'POST'],
    ['POST', 'get-session', 'GET'],
    ['PUT', 'sign-out', 'POST'],
  ])('%s %s is the wrong method', async (method, path, allowed) => {
    const reply = await send(path, { method })
    expect(reply).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } })
    expect(reply.headers.get('allow')).toBe(allowed)
  })
})

describe('malformed input is refused', () => {
  const good = { email: 'malformed@example.com', password: PASSWORD, name: 'Ann' }

  test.each<[string, unknown, string]>([
    ['no name', { email: good.email, password: PASSWORD }, 'name'],
    ['a blank name', { ...good, name: ' \u3000 ' }, 'name'],
    ['a long name', { ...good, name: '🙂'.repeat(101) }, 'name'],
    ['a huge name', { ...good, name: 'a'.repeat(10_000) }, 'name'],
    ['NUL in the name', { ...good, name: 'A\0nn' }, 'name'],
    ['a line break in the name', { ...good, name: 'A\nnn' }, 'name'],
    ['half a pair in the name', { ...good, name: 'A\ud800nn' }, 'name'],
    ['a name of another type', { ...good, name: { first: 'Ann' } }, 'name'],
    ['no e-mail', { password: PASSWORD, name: 'Ann' }, 'email'],
    ['an e-mail without a domain', { ...good, email: 'malformed' }, 'email'],
    ['a long e-mail', { ...good, email: `${'a'.repeat(309)}@example.com` }, 'email'],
    ['NUL in the e-mail', { ...good, email: 'mal\0formed@example.com' }, 'email'],
    ['half a pair in the e-mail', { ...good, email: 'mal\udc00formed@example.com' }, 'email'],
    ['an e-mail of another type', { ...good, email: ['malformed@example.com'] }, 'email'],
    ['a password of another type', { ...good, password: 12_345_678 }, 'password'],
    ['half a pair in the password', { ...good, password: 'correct \ud800 horse' }, 'password'],
    ['a huge password', { ...good, password: 'a'.repeat(15_000) }, 'password'],
    ['a zone that is none', { ...good, timeZone: 'Europe/Springfield' }, 'timeZone'],
    ['a zone of another type', { ...good, timeZone: 60 }, 'timeZone'],
    ['unknown fields', { ...good, emailVerified: true, image: 'https://example.com' }, ''],
    ['an array', [good], ''],
    ['null', null, ''],
    ['text', 'hello', ''],
  ])('%s', async (_, body, field) => {
    const reply = await send('sign-up/email', { body })
    expect(reply).toMatchObject({ status: 400, body: { code: 'VALIDATION', fields: [{ path: field }] } })
    expect(reply.text).toContain(field)
    for (const path of ['sign-in/email', 'change-password'])
      expect((await send(path, { body })).status).toSatisfy((status: number) => status >= 400 && status < 500)
  })

  test.each<[string, string | Uint8Array<ArrayBuffer>, number]>([
    ['nothing', '', 400],
    ['half of JSON', '{"email": ', 400],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 400],
    ['deep nesting', '['.repeat(16_000), 400],
    ['__proto__', '{"__proto__": {"email": "a@example.com"}, "name": "Ann"}', 400],
    ['too much', JSON.stringify({ ...good, name: 'a'.repeat(20_000) }), 413],
  ])('a body of %s', async (_, raw, status) => {
    for (const path of ['sign-up/email', 'sign-in/email', 'change-password'])
      expect((await send(path, { raw })).status).toBe(status)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp'])(
    '%s',
    async (type) => {
      const raw = JSON.stringify(good)
      expect((await send('sign-up/email', { raw, headers: { 'content-type': type } })).status).toBe(415)
    },
  )

  test('and creates no rows', async () => {
    expect(await admin`select 1 from auth.users where email like '%malformed%'`).toHaveLength(0)
  })
})

describe('pages of other origins', () => {
  const elsewhere = { origin: 'https://evil.example' }

  test('cannot use the cookie', async () => {
    const { cookie } = await signUpUser()
    for (const headers of [
      { ...cookie, ...elsewhere },
      { ...cookie, origin: 'null' },
      { ...cookie, referer: 'https://evil.example/page' },
      { ...cookie, ...elsewhere, 'sec-fetch-site': 'cross-site' },
    ])
      expect((await send('sign-out', { headers })).status).toBe(403)
    expect((await getSession(cookie)).body).not.toBeNull()
  })

  test('cannot sign in a browser', async () => {
    const { email } = await signUpUser()
    expect((await send('sign-in/email', { body: { email, password: PASSWORD }, headers: elsewhere })).status).toBe(403)
  })

  test.each([
    ['the service itself', { origin: ORIGIN }],
    ['a trusted one', { origin: 'https://app.example.com' }],
    ['none, from a program', {}],
  ])('but %s can', async (_, headers) => {
    const { cookie } = await signUpUser()
    expect((await send('sign-out', { headers: { ...cookie, ...headers } })).status).toBe(200)
    expect((await getSession(cookie)).body).toBeNull()
  })
})

test('only replies of sign-up and sign-in contain a token', async () => {
  const { email, token, cookie } = await signUpUser()
  const { token: second } = await signUpUser()
  const [third, fourth] = [await signUpUser(), await signUpUser()]
  const spoken = ['sign-up/email', 'sign-in/email']
  const change = { currentPassword: PASSWORD, newPassword: 'battery staple' }
  const requests: [string, Sent][] = [
    ['sign-up/email', { body: { email: 'other@example.com', password: PASSWORD, name: 'Ann' } }],
    ['sign-in/email', { body: { email, password: PASSWORD } }],
    ['sign-in/email', { body: { email, password: 'wrong horse' } }],
    ...[{}, bearer(token), cookie, bearer('nonsense')].map((headers): [string, Sent] => [
      'get-session',
      { method: 'GET', headers },
    ]),
    ['change-password', { body: { ...change, currentPassword: 'wrong horse' }, headers: bearer(second) }],
    ['change-password', { body: change, headers: bearer(second) }],
    ['change-password', { body: change, headers: cookie }],
    ['reset-password', { body: { token: 'nonsense', password: PASSWORD } }],
    ['revoke-sessions', { headers: third.cookie }],
    ['sign-out', { headers: { ...fourth.cookie, ...bearer(fourth.token) } }],
  ]
  await admin`update auth.sessions set expires_at = now() + interval '2 days'`
  for (const [path, sent] of requests) {
    const { status, text, headers } = await send(path, sent)
    const known = [
      token,
      second,
      third.token,
      fourth.token,
      ...headers.getSetCookie().map((line) => /=(\w+);/.exec(line)?.[1] ?? token),
    ]
    const hasToken = known.some((one) => text.includes(one)) || /"token"/.test(text)
    expect([path, sent.headers, hasToken]).toEqual([path, sent.headers, spoken.includes(path) && status === 200])
    // After a password change the cookie has the new token.
    const kept = headers.getSetCookie().some((line) => !line.includes('Max-Age=0'))
    expect([path, sent.headers, kept]).toEqual([
      path,
      sent.headers,
      hasToken || (path === 'change-password' && 'cookie' in (sent.headers ?? {})),
    ])
  }
})

test('an unreachable database is reported as such, and not as a missing session', async () => {
  const { token, cookie, email } = await signUpUser()
  const nowhere = { ...environment.address, port: 1 }
  await using statements = openStatements({ address: nowhere, applicationName: 'sign-in-lost', max: 3 })
  const lost = signIn({ query: statements.query })
  const body = { email, password: PASSWORD }
  const replies = [
    await getSession(cookie, lost),
    await send('sign-out', { headers: bearer(token), to: lost }),
    await send('revoke-sessions', { headers: bearer(token), to: lost }),
    await send('sign-in/email', { body, to: lost }),
    await send('sign-up/email', { body: { ...body, name: 'Ann' }, to: lost }),
  ]
  for (const reply of replies) {
    expect(reply).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    expect(reply.headers.get('retry-after')).toBe('1')
    expect(reply.headers.getSetCookie()).toEqual([])
  }
  expect((await getSession(bearer(token))).body).not.toBeNull()
})

test('the log has no secrets, no SQL and no e-mail addresses', async () => {
  const { email, token } = await signUpUser()
  await send('sign-up/email', { body: { email, password: PASSWORD, name: 'Ann' } })
  await send('sign-in/email', { body: { email, password: 'wrong horse' } })
  await getSession(bearer(`${token}x`))
  expect(logged.length).toBeGreaterThan(0)
  for (const text of [email, '@example.com', token, 'horse', 'insert into', 'select ', '$1', 'scrypt'])
    expect(logged.join('\n')).not.toContain(text)
})

describe('extendSession', () => {
  test.each([
    ['1 minute', true],
    ['5 days 23 hours', true],
    ['6 days 1 minute', false],
    ['7 days', false],
    ['-1 second', false],
  ])('with %s left: %s', async (left, extended) => {
    const { id, token } = await signUpUser()
    const stranger = await signUpUser()
    await admin`update auth.sessions set expires_at = now() + ${left}::interval where user_id in ${admin([id, stranger.id])}`
    const before =
      await admin`select user_id, expires_at from auth.sessions where user_id in ${admin([id, stranger.id])} order by user_id`
    await extendSession(query, credentialHash(token))
    const after =
      await admin`select user_id, expires_at from auth.sessions where user_id in ${admin([id, stranger.id])} order by user_id`
    const changed = after.filter((row, i) => row['expires_at'].getTime() !== before[i]?.['expires_at'].getTime())
    expect(changed.map((row) => row['user_id'] as unknown)).toEqual(extended ? [id] : [])
    for (const row of changed) expect(row['expires_at'].getTime() - Date.now()).toBeGreaterThan(7 * 86_400_000 - 60_000)
  })

  test('does nothing for an unknown token', async () => {
    await expect(extendSession(query, credentialHash('nobody'))).resolves.toBeUndefined()
  })
})
