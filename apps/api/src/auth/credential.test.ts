import { describe, expect, test } from 'vitest'
import {
  cookieName,
  type Credential,
  credentialHash,
  credentialOf,
  credentialsOf,
  isWellFormed,
  sessionCookie,
} from './credential.ts'
import { newSecret } from '../procedures/keys/keys.ts'

describe('credentialOf', () => {
  const cookie = 'taskwire.session_token=abcDEF123'

  test.each<[string, Parameters<typeof credentialOf>[0], Credential | undefined]>([
    ['nothing', {}, undefined],
    ['a bearer token', { authorization: 'Bearer abc' }, { kind: 'bearer', token: 'abc' }],
    ['the scheme in any case', { authorization: 'bEARER   abc ' }, { kind: 'bearer', token: 'abc' }],
    ['a bearer before a cookie', { authorization: 'Bearer abc', cookie }, { kind: 'bearer', token: 'abc' }],
    ['an empty bearer', { authorization: 'Bearer  ' }, undefined],
    ['another scheme', { authorization: 'Basic abc' }, undefined],
    ['a cookie', { cookie }, { kind: 'cookie', token: 'abcDEF123' }],
    ['a cookie among others', { cookie: `a=b;${cookie};  c=d` }, { kind: 'cookie', token: 'abcDEF123' }],
    [
      'its own cookie beside the one for HTTPS',
      { cookie: `__Secure-taskwire.session_token=xyz; ${cookie}` },
      { kind: 'cookie', token: 'abcDEF123' },
    ],
    ['only the cookie for HTTPS', { cookie: '__Secure-taskwire.session_token=xyz' }, undefined],
    [
      'the first of two cookies with one name',
      { cookie: `${cookie}; taskwire.session_token=xyz` },
      { kind: 'cookie', token: 'abcDEF123' },
    ],
    ['a cookie with characters that no token has', { cookie: 'taskwire.session_token=abc.def' }, undefined],
    ['an empty cookie', { cookie: 'taskwire.session_token=' }, undefined],
    ['a cookie that cannot be decoded', { cookie: 'taskwire.session_token=%E0%A4.x' }, undefined],
    ['a cookie whose name only ends with that name', { cookie: 'x-taskwire.session_token=abc' }, undefined],
  ])('%s', (_, headers, credential) => {
    expect(credentialOf(headers, cookieName(false))).toEqual(credential)
  })

  test('a service for HTTPS reads only the cookie for HTTPS; a service that sets no cookie reads none', () => {
    const both = { cookie: `${cookie}; __Secure-taskwire.session_token=xyz` }
    expect(credentialOf(both, cookieName(true))).toEqual({ kind: 'cookie', token: 'xyz' })
    expect(credentialOf({ cookie }, cookieName(true))).toBeUndefined()
    expect(credentialOf(both, null)).toBeUndefined()
  })
})

test('credentialsOf returns all credentials of a request, in order of precedence', () => {
  const cookie = 'taskwire.session_token=b; taskwire.session_token=c; __Secure-taskwire.session_token=a'
  for (const [secure, token] of [
    [true, 'a'],
    [false, 'b'],
  ] as const) {
    const own = { kind: 'cookie', token }
    const all = (authorization: string) => credentialsOf({ authorization, cookie }, cookieName(secure))
    expect(all('Bearer key')).toEqual([{ kind: 'bearer', token: 'key' }, own])
    expect(all('Basic abc')).toEqual([own])
    expect(credentialsOf({}, cookieName(secure))).toEqual([])
  }
})

test.each([false, true])(
  'credentialOf reads the cookie that sessionCookie sets, and finds none after sessionCookie has deleted it (secure: %s)',
  (secure) => {
    const sent = (setCookie: string): string => setCookie.slice(0, setCookie.indexOf(';'))
    expect(credentialOf({ cookie: sent(sessionCookie(secure, 'abcDEF123')) }, cookieName(secure))).toEqual({
      kind: 'cookie',
      token: 'abcDEF123',
    })
    expect(credentialOf({ cookie: sent(sessionCookie(secure)) }, cookieName(secure))).toBeUndefined()
    expect(sessionCookie(secure)).toContain('; Max-Age=0; Path=/; HttpOnly;')
    expect(sessionCookie(secure).includes('Secure')).toBe(secure)
  },
)

test.each([
  ['a session’s token', 'aZ09'.repeat(8), true],
  ['a key', `tw_key_${'a_-Z'.repeat(10)}123`, true],
  ['a service’s key', `tw_service_${'a_-Z'.repeat(10)}123`, true],
  ['a token that is too short', 'a'.repeat(31), false],
  ['a token that is too long', 'a'.repeat(33), false],
  ['a token with another character', `${'a'.repeat(31)}-`, false],
  ['a token and a line break', `${'a'.repeat(32)}\n`, false],
  ['a UUID', '01998d3e-7c1a-7000-8000-000000000001', false],
  ['a key of an unknown kind', `tw_other_${'a'.repeat(43)}`, false],
  ['a key that is too long', `tw_key_${'a'.repeat(44)}`, false],
  ['nothing', '', false],
])('isWellFormed: %s', (_what, token, wellFormed) => {
  expect(isWellFormed(token)).toBe(wellFormed)
})

test('new keys are well-formed', () => {
  for (const kind of ['key', 'service'] as const) expect(isWellFormed(newSecret(kind).secret)).toBe(true)
})

test('credentialHash is the SHA-256 of the text', () => {
  expect(credentialHash('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
