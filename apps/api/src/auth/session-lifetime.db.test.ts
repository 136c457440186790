import { afterAll, describe, expect, test } from 'vitest'
import { cookieName, credentialHash, credentialOf } from './credential.ts'
import { extendSession } from './sign-in-sessions.ts'
import { bearer, cookieOf, PASSWORD, startSignIn } from './testing/sign-in-environment.ts'

const environment = await startSignIn()
const { admin, query, send, getSession, signUpUser, count } = environment
afterAll(async () => await environment[Symbol.asyncDispose]())

describe('a session', () => {
  test('is found by its cookie and by its token', async () => {
    const { email, id, token, cookie } = await signUpUser()
    const found = { status: 200, body: { session: { userId: id }, user: { id, email } } }
    expect(await getSession(cookie)).toMatchObject(found)
    expect(await getSession(bearer(token))).toMatchObject(found)
    expect(await getSession({ authorization: `bearer  ${token}` })).toMatchObject(found)
    expect(credentialOf(cookie, cookieName(false))).toEqual({ kind: 'cookie', token })
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

  test('is stored without its token', async () => {
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

  test.each(['cookie', 'bearer'] as const)('ends for both when it is signed out by its %s', async (kind) => {
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

  test('ends at a sign-out with its cookie and the token of another session, which ends too', async () => {
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
    ['no credential is sent', () => ({})],
    ['the token is unknown', () => bearer('nonsense')],
    ['the cookie is unknown', () => ({ cookie: 'taskwire.session_token=nonsense' })],
    ['it has ended already', ({ token, cookie }) => ({ ...bearer(token), ...cookie })],
  ])('is not reported as ended if %s, but the cookie is deleted', async (_, headersOf) => {
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

  test('ends at revoke-sessions, with all other sessions of its user', async () => {
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

describe('extendSession', () => {
  test.each([
    ['1 minute', true],
    ['5 days 23 hours', true],
    ['6 days 1 minute', false],
    ['7 days', false],
    ['-1 second', false],
  ])('extends a session with %s left: %s', async (left, extended) => {
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
