import { openStatements } from '@taskwire/db'
import { afterAll, describe, expect, test } from 'vitest'
import { createPasswordHashing } from './password-hashing.ts'
import { bearer, cookieOf, PASSWORD, startSignIn, type Sent } from './testing/sign-in-environment.ts'

const INVALID = { code: 'INVALID_EMAIL_OR_PASSWORD', message: 'Invalid email or password' }

const environment = await startSignIn()
const { admin, logged, signIn, send, getSession, signUpUser, count } = environment
afterAll(async () => await environment[Symbol.asyncDispose]())

describe('signing in', () => {
  test('creates another session with a new token', async () => {
    const { email, token, id } = await signUpUser()
    const reply = await send('sign-in/email', { body: { email: email.toUpperCase(), password: PASSWORD } })
    expect(reply).toMatchObject({ status: 200, body: { token: expect.any(String), user: { id, email } } })
    expect(reply.body).not.toMatchObject({ token })
    expect(await count('sessions', email)).toBe(2)
  })

  test('returns the same reply for a wrong password and an unknown e-mail address', async () => {
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
    'accepts another Unicode form of the same password, and no other password: %s',
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

  test('ends the session of a program, and returns no new one', async () => {
    const { email, token } = await signUpUser()
    const changed = await send('change-password', { body, headers: bearer(token) })
    expect([changed.status, changed.headers.getSetCookie()]).toEqual([200, []])
    expect(await count('sessions', email)).toBe(0)
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

test('no secrets, SQL or e-mail addresses are logged', async () => {
  const { email, token } = await signUpUser()
  await send('sign-up/email', { body: { email, password: PASSWORD, name: 'Ann' } })
  await send('sign-in/email', { body: { email, password: 'wrong horse' } })
  await getSession(bearer(`${token}x`))
  expect(logged.length).toBeGreaterThan(0)
  for (const text of [email, '@example.com', token, 'horse', 'insert into', 'select ', '$1', 'scrypt'])
    expect(logged.join('\n')).not.toContain(text)
})
