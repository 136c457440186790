import { expect, test } from 'vitest'
import { isUrlOfKeys } from './token-settings.ts'

const ISSUER = 'https://login.example.com'

test.each([
  'localhost',
  'localhost.',
  'login.localhost',
  '127.0.0.1',
  '127.1',
  '127.8.8.8',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
])('the issuer of another machine cannot name keys of this machine, such as %s', (host) => {
  expect(isUrlOfKeys(`https://${host}/keys`, ISSUER)).toBe(false)
  expect(isUrlOfKeys(`https://${host}:8443/keys`, 'http://127.0.0.1:8080')).toBe(true)
})

test.each(['[::ffff:127.0.0.1]', '[::ffff:0.0.0.0]', '[0:0:0:0:0:ffff:7f00:2]', 'LOCALHOST', '0x7f000001'])(
  'another way to write such a host, %s, is refused too',
  (host) => {
    expect(isUrlOfKeys(`https://${host}/keys`, ISSUER)).toBe(false)
  },
)

test.each([
  'login.example.com',
  'localhost.example.com',
  'notlocalhost',
  '[::ffff:192.0.2.1]',
  '128.0.0.1',
  '[2001:db8::1]',
])('the issuer may name keys of another machine, such as %s', (host) => {
  expect(isUrlOfKeys(`https://${host}/keys`, ISSUER)).toBe(true)
  expect(isUrlOfKeys(`http://${host}/keys`, ISSUER)).toBe(false)
})
