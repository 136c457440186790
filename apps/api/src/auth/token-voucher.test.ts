import type { Vouched } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { AUDIENCE, startTestIssuer, type TestIssuer, withHeader } from '../testing/issuer.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import { createTokenVoucher } from './token-voucher.ts'
import type { VouchedRequest, Voucher } from './vouched-user.ts'

const issuer = await startTestIssuer()
const other = await startTestIssuer()
const closing = new AbortController()
afterAll(async () => {
  closing.abort()
  await issuer[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

interface Given {
  issuer?: TestIssuer
  freshSeconds?: number | null
  cooldownMs?: number
  refreshMs?: number
}
function createVoucher({
  issuer: by = issuer,
  freshSeconds = null,
  cooldownMs = 3_600_000,
  refreshMs = 3_600_000,
}: Given = {}): Voucher<VouchedRequest> {
  const settings = { issuer: by.url, audience: AUDIENCE, jwksUrl: `${by.url}/jwks`, freshSeconds }
  const keys = createIssuerKeys({
    ...settings,
    times: { cooldownMs, refreshMs },
    signal: closing.signal,
    onFailure() {},
  })
  return createTokenVoucher(settings, keys)
}
const voucher = createVoucher()
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** The user of a token, or the message with which it is refused. */
async function verify(token: string, by = voucher): Promise<Vouched | string | undefined> {
  try {
    return await by.userOf(bearer(token))
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown'
  }
}
const refusedSince = (reason: string): string =>
  `Not signed in: the token was refused, since ${reason}. Send another one.`
const now = (): number => Math.floor(Date.now() / 1000)

test('a token names its user by its subject, and valid claims describe the user', async () => {
  const claims = { name: 'Ada', email: 'Ada@Example.com', zoneinfo: 'Europe/Berlin' }
  const exp = now() + 60
  expect(await verify(await issuer.sign('auth0|1', { ...claims, exp }))).toMatchObject({
    externalId: 'auth0|1',
    name: 'Ada',
    email: 'ada@example.com',
    timeZone: 'Europe/Berlin',
    expiresAt: (exp + 30) * 1000,
    freshUntil: Infinity,
  })
  const invalid = { name: 'x'.repeat(101), email: ['a@example.com'], zoneinfo: 'Moon/Base' }
  expect(await verify(await issuer.sign('2', invalid))).toMatchObject({ name: '2', email: null, timeZone: null })
  const odd = { email: { length: { toString: 1 } } }
  expect(await verify(await issuer.sign('3', odd))).toMatchObject({ externalId: '3', email: null })
  expect(await verify(await issuer.sign('x'.repeat(200)))).toMatchObject({ name: 'x'.repeat(100) })
})

test('every asymmetric algorithm of the issuer is accepted', async () => {
  await using issuer = await startTestIssuer()
  for (const alg of ['RS256', 'PS384', 'ES512', 'EdDSA']) {
    await issuer.rotate({ alg })
    expect(await verify(await issuer.sign('a'), createVoucher({ issuer }))).toMatchObject({ externalId: 'a' })
  }
})

test('a token may have a type that access tokens have', async () => {
  for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/JWT'])
    expect(await verify(await issuer.sign('a', {}, { typ }))).toMatchObject({ externalId: 'a' })
})

test('a token for several audiences is accepted if this service is one of them', async () => {
  const voucher = createVoucher()
  const token = await issuer.sign('a', { aud: ['https://other.example.com', AUDIENCE] })
  expect(await verify(token, voucher)).toMatchObject({ externalId: 'a' })
})

const INVALID_SUBJECT = 'its claim sub is not a line of 1 to 200 characters'
const UNSIGNED = 'it is not a token that the issuer signed'

test.each<[string, string, () => Promise<string>]>([
  ['another issuer', 'its claim iss is missing or invalid', async () => await issuer.sign('a', { iss: other.url })],
  ['no issuer', 'its claim iss is missing or invalid', async () => await issuer.sign('a', { iss: null })],
  [
    'a list of issuers',
    'its claim iss is missing or invalid',
    async () => await issuer.sign('a', { iss: [issuer.url] }),
  ],
  ['another audience', 'its claim aud is missing or invalid', async () => await issuer.sign('a', { aud: 'x' })],
  ['no audience', 'its claim aud is missing or invalid', async () => await issuer.sign('a', { aud: null })],
  ['an exp in the past', 'it has expired', async () => await issuer.sign('a', { exp: now() - 31 })],
  ['no exp', 'its claim exp is missing or invalid', async () => await issuer.sign('a', { exp: null })],
  [
    'an exp that is text',
    'its claim exp is missing or invalid',
    async () => await issuer.sign('a', { exp: '9999999999' }),
  ],
  [
    'an nbf in the future',
    'its claim nbf is missing or invalid',
    async () => await issuer.sign('a', { nbf: now() + 60 }),
  ],
  ['an iat in the future', 'its claim iat is in the future', async () => await issuer.sign('a', { iat: now() + 60 })],
  ['no subject', 'its claim sub is missing or invalid', async () => await issuer.sign('a', { sub: null })],
  ['an empty subject', INVALID_SUBJECT, async () => await issuer.sign('')],
  ['a long subject', INVALID_SUBJECT, async () => await issuer.sign('x'.repeat(201))],
  ['a subject with a line break', INVALID_SUBJECT, async () => await issuer.sign('a\nb')],
  // Trimmed or normalised, these would have the accounts of 'a' and 'é'.
  ['a subject with a blank at its end', INVALID_SUBJECT, async () => await issuer.sign('a ')],
  ['a subject that is not normalised', INVALID_SUBJECT, async () => await issuer.sign('e\u0301')],
  ['a number as subject', INVALID_SUBJECT, async () => await issuer.sign('a', { sub: 1 })],
  [
    'the type of a logout token',
    'its typ is neither JWT nor at+jwt',
    async () => await issuer.sign('a', {}, { typ: 'logout+jwt' }),
  ],
  [
    'a type that is no text',
    'its typ is neither JWT nor at+jwt',
    async () => await issuer.sign('a', {}, { typ: ['JWT'] }),
  ],
  [
    'a proof of a key',
    'its claim cnf binds it to a key, which is not supported',
    async () => await issuer.sign('a', { cnf: { jkt: 'x' } }),
  ],
  ['an unknown key', 'its issuer has no such key', async () => await issuer.sign('a', {}, { kid: 'unknown' })],
  ['a key of another issuer', 'its issuer has no such key', async () => await other.sign('a', { iss: issuer.url })],
  [
    'the key id of the issuer and a signature of another',
    UNSIGNED,
    async () => {
      // The header of a token that the issuer signed.
      const head = JSON.parse(
        Buffer.from((await issuer.sign('a')).split('.')[0] ?? '', 'base64url').toString(),
      ) as object
      return await other.sign('a', { iss: issuer.url }, { ...head })
    },
  ],
  ['a symmetric algorithm, signed with the public key', UNSIGNED, async () => issuer.signSymmetrically('a')],
  ['no algorithm, with a signature', UNSIGNED, async () => withHeader(await issuer.sign('a'), { alg: 'none' })],
  [
    'another algorithm in its header',
    'its issuer has no such key',
    async () => withHeader(await issuer.sign('a'), { alg: 'RS256' }),
  ],
  [
    'a key in its header',
    UNSIGNED,
    async () => {
      const { keys } = (await (await fetch(`${other.url}/jwks`)).json()) as { keys: object[] }
      return await other.sign('a', { iss: issuer.url }, { jwk: keys[0], kid: undefined })
    },
  ],
  [
    'the address of keys in its header',
    'its issuer has no such key',
    async () => await other.sign('a', { iss: issuer.url }, { jku: `${other.url}/jwks` }),
  ],
  [
    'an unknown extension in crit',
    UNSIGNED,
    async () => withHeader(await issuer.sign('a'), { alg: 'ES256', crit: ['x'], x: 1 }),
  ],
  [
    'another payload',
    UNSIGNED,
    async () => {
      const [head, , signature] = (await issuer.sign('a')).split('.')
      const [, payload] = (await issuer.sign('b')).split('.')
      return `${head}.${payload}.${signature}`
    },
  ],
  ['a payload that is no object', UNSIGNED, async () => withHeader('a.W10.c', { alg: 'ES256' })],
  ['a header that is not JSON', UNSIGNED, async () => 'abc.abc.abc'],
  ['8,193 characters', 'it is longer than 8192 characters', async () => (await issuer.sign('a')).padEnd(8193, 'x')],
])('a token with %s is refused, since %s', async (_what, reason, token) => {
  const message = await verify(await token())
  expect(message).toBe(refusedSince(reason))
})

test('other credentials are not taken for JWTs', async () => {
  const token = await issuer.sign('a')
  const [head, payload] = token.split('.')
  // The third has no signature, as with `alg: none`. The fourth has five parts, as an encrypted JWT does.
  for (const given of [
    'x'.repeat(32),
    `tw_key_${'x'.repeat(43)}`,
    `${head}.${payload}.`,
    `${token}.a.b`,
    'a..c',
    '..',
    'a.b',
  ])
    expect(voucher.userOf(bearer(given))).toBeUndefined()
  for (const headers of [{}, { authorization: `Basic ${token}` }, { cookie: `taskwire.session_token=${token}` }])
    expect(voucher.userOf({ headers })).toBeUndefined()
})

test('a verified token is remembered while the issuer lists its key', async () => {
  await using issuer = await startTestIssuer()
  const voucher = createVoucher({ issuer, cooldownMs: 0 })
  const token = await issuer.sign('a')
  // Fetches the keys, so that the token is not remembered yet.
  await verify(token, voucher)
  expect(voucher.recall?.(bearer(token))).toBeUndefined()
  const user = await verify(token, voucher)
  expect(voucher.recall?.(bearer(token))).toBe(user)
  expect(voucher.userOf(bearer(token))).toBe(user)
  await issuer.rotate()
  // A token with the new key makes the voucher fetch the keys again.
  expect(await verify(await issuer.sign('b'), voucher)).toMatchObject({ externalId: 'b' })
  expect(voucher.recall?.(bearer(token))).toBeUndefined()
  expect(await verify(token, voucher)).toBe(refusedSince('its issuer has no such key'))
})

test('a token is fresh for AUTH_FRESH_SECONDS after it was issued', async () => {
  const voucher = createVoucher({ freshSeconds: 60 })
  const iat = now() - 100
  expect(await verify(await issuer.sign('a', { iat }), voucher)).toMatchObject({ freshUntil: (iat + 60) * 1000 })
  expect(await verify(await issuer.sign('a', { iat: null }), voucher)).toMatchObject({ freshUntil: -Infinity })
  // A refreshed token is as fresh as the sign-in that it names.
  const signedInAt = { iat: now(), auth_time: iat }
  expect(await verify(await issuer.sign('a', signedInAt), voucher)).toMatchObject({ freshUntil: (iat + 60) * 1000 })
})

test('a token whose key the issuer has dropped is refused, though no other token comes', async () => {
  await using issuer = await startTestIssuer()
  const voucher = createVoucher({ issuer, cooldownMs: 0, refreshMs: 20 })
  const token = await issuer.sign('a')
  // The first one waits for the keys, and is not remembered.
  for (let call = 0; call < 2; call++) expect(await verify(token, voucher)).toMatchObject({ externalId: 'a' })
  await issuer.rotate()
  await expect
    .poll(async () => await verify(token, voucher), { timeout: 2000 })
    .toBe(refusedSince('its issuer has no such key'))
})
