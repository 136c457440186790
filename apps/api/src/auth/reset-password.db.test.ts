import { signIn } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'
import { makeResetLink } from './reset-links.ts'
import { startTestService, type TestUser } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

const NEW = 'battery staple'
const linkFor = async ({ email }: TestUser): Promise<string> =>
  await makeResetLink(service.database.owner, email, 'https://tasks.example.com')
const tokenOf = (link: string): string => new URL(link).hash.slice(1)

async function reset(token: string, password = NEW, url = service.url): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const sent = { method: 'POST', path: '/auth/reset-password', headers, body: JSON.stringify({ token, password }) }
  const { status, text } = await send(url, sent)
  return { status, body: JSON.parse(text) }
}
const INVALID = {
  status: 400,
  body: { code: 'INVALID_TOKEN', message: 'The link is unknown, used or expired; ask for a new one.' },
}
const canSignIn = async ({ email }: TestUser, password: string): Promise<boolean> =>
  await signIn({ url: service.url, email, password }).then(
    () => true,
    () => false,
  )

test('a link sets the password once, and ends every session', async () => {
  const user = await service.signUp()
  await signIn({ url: service.url, email: user.email, password: user.password })
  const stranger = await service.signUp()
  const link = await linkFor(user)
  expect(link).toMatch(/^https:\/\/tasks\.example\.com\/reset-password#[\w-]{43}$/)
  expect(await reset(tokenOf(link))).toEqual({ status: 200, body: { status: true } })
  expect(await service.admin('select user_id from auth.sessions')).toEqual([{ user_id: stranger.id }])
  expect([await canSignIn(user, user.password), await canSignIn(user, NEW)]).toEqual([false, true])
  expect(await reset(tokenOf(link), 'a third password')).toEqual(INVALID)
  expect(await canSignIn(user, NEW)).toBe(true)
})

test('the case of the e-mail address does not matter, and a new link invalidates earlier ones', async () => {
  const user = await service.signUp()
  const first = await linkFor(user)
  const second = await linkFor({ ...user, email: user.email.toUpperCase() })
  expect(await reset(tokenOf(first))).toEqual(INVALID)
  expect((await reset(tokenOf(second))).status).toBe(200)
  await expect(linkFor({ ...user, email: 'nobody@example.com' })).rejects.toThrow(
    'There is no account with the e-mail address nobody@example.com and a password',
  )
})

test('a link expires after 30 minutes', async () => {
  const user = await service.signUp()
  const link = await linkFor(user)
  const [row] = await service.admin(
    'select extract(epoch from expires_at - now())::int as seconds from auth.password_resets where user_id = $1',
    [user.id],
  )
  expect(Number(row?.['seconds'])).toBeGreaterThan(29 * 60)
  expect(Number(row?.['seconds'])).toBeLessThanOrEqual(30 * 60)
  await service.admin('update auth.password_resets set expires_at = now() where user_id = $1', [user.id])
  expect(await reset(tokenOf(link))).toEqual(INVALID)
  expect(await canSignIn(user, user.password)).toBe(true)
})

test('one of several concurrent uses of a link sets the password', async () => {
  const user = await service.signUp()
  const token = tokenOf(await linkFor(user))
  const results = await Promise.all(
    Array.from({ length: 8 }, async (_, nr) => await reset(token, `new password ${nr}`)),
  )
  const successful = results.flatMap(({ status }, nr) => (status === 200 ? [nr] : []))
  expect(successful).toHaveLength(1)
  expect(results.filter(({ status }) => status !== 200)).toEqual(Array.from({ length: 7 }, () => INVALID))
  expect(await canSignIn(user, `new password ${successful[0]}`)).toBe(true)
})

test('changing the password or deleting the account invalidates the link', async () => {
  const user = await service.signUp()
  const link = await linkFor(user)
  const body = JSON.stringify({ currentPassword: user.password, newPassword: NEW })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${user.token}` }
  expect((await send(service.url, { method: 'POST', path: '/auth/change-password', headers, body })).status).toBe(200)
  expect(await reset(tokenOf(link), 'a third password')).toEqual(INVALID)
  const next = await linkFor(user)
  await service.admin('delete from auth.users where id = $1', [user.id])
  expect(await reset(tokenOf(next))).toEqual(INVALID)
})

test.each(['', 'x', 'nonsense '.repeat(10), '\u0000', "' or true --"])(
  'the unknown token %j is refused',
  async (token) => {
    expect(await reset(token)).toEqual(INVALID)
  },
)

test('an invalid password does not use up the link', async () => {
  const user = await service.signUp()
  const token = tokenOf(await linkFor(user))
  expect(await reset(token, 'short')).toMatchObject({ status: 400, body: { code: 'VALIDATION' } })
  expect(await reset(token, 'x'.repeat(129))).toMatchObject({ status: 400, body: { code: 'VALIDATION' } })
  expect((await reset(token)).status).toBe(200)
})

test('the token is stored as a hash, and is not logged', async () => {
  const user = await service.signUp()
  const token = tokenOf(await linkFor(user))
  const [row] = await service.admin('select r::text as row from auth.password_resets r where user_id = $1', [user.id])
  const stored = String(row?.['row'])
  for (const form of [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex')])
    expect(stored).not.toContain(form)
  expect((await reset(token)).status).toBe(200)
  expect(service.log.join('\n')).toContain('/auth/reset-password')
  expect(service.log.join('\n')).not.toContain(token)
})

test('unknown tokens count per IP address, together with wrong passwords; valid links do not count', async () => {
  await using limited = await startTestService({ limitSignIn: true })
  const { email } = await limited.signUp()
  const valid = tokenOf(await makeResetLink(limited.database.owner, email, limited.url))
  await limited.admin('delete from auth.sign_in_attempts')
  const countRows = async (): Promise<number> =>
    (await limited.admin('select from auth.sign_in_attempts where spent_until > clock_timestamp()')).length
  expect((await reset(valid, NEW, limited.url)).status).toBe(200)
  expect(await countRows()).toBe(0)
  expect((await reset('nonsense', NEW, limited.url)).status).toBe(400)
  expect(await countRows()).toBe(1)
  // The state after fifty attempts.
  await limited.admin(`update auth.sign_in_attempts set spent_until = clock_timestamp() + 50 * interval '30 s'`)
  expect((await reset('nonsense', NEW, limited.url)).status).toBe(429)
  await expect(signIn({ url: limited.url, email, password: NEW })).rejects.toMatchObject({ status: 429 })
})
