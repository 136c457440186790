import { afterAll, describe, expect, test } from 'vitest'
import { bearer, ORIGIN, PASSWORD, startSignIn } from './testing/sign-in-environment.ts'

const environment = await startSignIn()
const { admin, send, getSession, signUpUser } = environment
afterAll(async () => await environment[Symbol.asyncDispose]())

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
    ['half a surrogate pair in the name', { ...good, name: 'A\ud800nn' }, 'name'],
    ['a name of another type', { ...good, name: { first: 'Ann' } }, 'name'],
    ['no e-mail', { password: PASSWORD, name: 'Ann' }, 'email'],
    ['an e-mail without a domain', { ...good, email: 'malformed' }, 'email'],
    ['a long e-mail', { ...good, email: `${'a'.repeat(309)}@example.com` }, 'email'],
    ['NUL in the e-mail', { ...good, email: 'mal\0formed@example.com' }, 'email'],
    ['half a surrogate pair in the e-mail', { ...good, email: 'mal\udc00formed@example.com' }, 'email'],
    ['an e-mail of another type', { ...good, email: ['malformed@example.com'] }, 'email'],
    ['a password of another type', { ...good, password: 12_345_678 }, 'password'],
    ['half a surrogate pair in the password', { ...good, password: 'correct \ud800 horse' }, 'password'],
    ['a huge password', { ...good, password: 'a'.repeat(15_000) }, 'password'],
    ['an unknown time zone', { ...good, timeZone: 'Europe/Springfield' }, 'timeZone'],
    ['a time zone of another type', { ...good, timeZone: 60 }, 'timeZone'],
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
    ['a page of the service itself', { origin: ORIGIN }],
    ['a page of a trusted origin', { origin: 'https://app.example.com' }],
    ['a program, which sends no origin,', {}],
  ])('but %s can', async (_, headers) => {
    const { cookie } = await signUpUser()
    expect((await send('sign-out', { headers: { ...cookie, ...headers } })).status).toBe(200)
    expect((await getSession(cookie)).body).toBeNull()
  })
})

test('signing in creates a new session, whatever session the browser sent', async () => {
  const [ann, eve] = [await signUpUser(), await signUpUser()]
  const sent = { body: { email: ann.email, password: PASSWORD }, headers: { ...eve.cookie, origin: ORIGIN } }
  const [first, second] = [await send('sign-in/email', sent), await send('sign-in/email', sent)]
  const tokens = [first, second].map(({ text }) => (JSON.parse(text) as { token: string }).token)
  expect(new Set([ann.token, ...tokens]).size).toBe(3)
  // The session that the browser sent still belongs to its owner.
  expect((await getSession(eve.cookie)).body).toMatchObject({ user: { email: eve.email } })
})

test('a password change that would keep the other sessions is refused', async () => {
  const { token } = await signUpUser()
  const body = { currentPassword: PASSWORD, newPassword: 'battery staple', revokeOtherSessions: false }
  const refused = await send('change-password', { body, headers: bearer(token) })
  expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('revokeOtherSessions') })
})

test.each([
  ['names another origin', { origin: 'https://evil.example' }],
  ['names no origin, and is on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['names an opaque origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  [
    'comes from another host of the same site',
    { origin: 'https://evil.tasks.example.com', 'sec-fetch-site': 'same-site' },
  ],
])('a page that %s cannot sign in, sign out, sign up or change a password', async (_what, page) => {
  const { email, cookie } = await signUpUser()
  const headers = { ...page, ...cookie }
  const signIn = { email, password: PASSWORD }
  const refused: [string, object][] = [
    ['sign-in/email', signIn],
    ['sign-out', {}],
    ['change-password', { currentPassword: PASSWORD, newPassword: 'battery staple' }],
    ['sign-up/email', { email: 'eve@example.com', password: PASSWORD, name: 'Eve' }],
  ]
  for (const [path, body] of refused) expect([path, (await send(path, { body, headers })).status]).toEqual([path, 403])
  expect((await send('sign-in/email', { body: signIn })).status).toBe(200)
})
