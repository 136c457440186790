import { describe, expect, test } from 'vitest'
import { type Credential, credentialHash, credentialOf } from './credential.ts'

describe('credentialOf', () => {
  const cookie = 'taskwire.session_token=abcDEF123.sig%2Bna%2Fture%3D'

  test.each<[string, Parameters<typeof credentialOf>[0], Credential | undefined]>([
    ['nothing', {}, undefined],
    ['a bearer token', { authorization: 'Bearer abc' }, { kind: 'bearer', token: 'abc' }],
    ['the scheme in any case', { authorization: 'bEARER   abc ' }, { kind: 'bearer', token: 'abc' }],
    ['a bearer before a cookie', { authorization: 'Bearer abc', cookie }, { kind: 'bearer', token: 'abc' }],
    ['an empty bearer', { authorization: 'Bearer  ' }, undefined],
    ['another scheme', { authorization: 'Basic abc' }, undefined],
    ['a cookie', { cookie }, { kind: 'cookie', token: 'abcDEF123' }],
    ['a cookie among others', { cookie: `a=b;${cookie};  c=d` }, { kind: 'cookie', token: 'abcDEF123' }],
    ['a cookie with an encoded dot', { cookie: 'taskwire.session_token=abc%2esig' }, { kind: 'cookie', token: 'abc' }],
    [
      'the secure one of two',
      { cookie: `${cookie}; __Secure-taskwire.session_token=xyz.sig` },
      { kind: 'cookie', token: 'xyz' },
    ],
    [
      'the first of two',
      { cookie: `${cookie}; taskwire.session_token=xyz.sig` },
      { kind: 'cookie', token: 'abcDEF123' },
    ],
    ['a cookie without a signature', { cookie: 'taskwire.session_token=abc' }, undefined],
    ['an empty cookie', { cookie: 'taskwire.session_token=' }, undefined],
    ['a cookie that cannot be decoded', { cookie: 'taskwire.session_token=%E0%A4.x' }, undefined],
    ['a cookie of a like name', { cookie: 'x-taskwire.session_token=abc.sig' }, undefined],
  ])('%s', (_, headers, credential) => {
    expect(credentialOf(headers)).toEqual(credential)
  })
})

test('credentialHash is sha256 of the text', () => {
  expect(credentialHash('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
