import { describe, expect, test } from 'vitest'
import { AddressError, parseAddress } from './address.ts'

const parse = (text: string) => parseAddress('DATABASE_URL', text)
const refusal = (text: string): string => {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof AddressError) return error.message
    throw error
  }
  return 'accepted'
}

describe('accepted', () => {
  test('a plain address', () => {
    expect(parse('postgres://ada:secret@db.example.com:6432/tasks')).toEqual({
      host: 'db.example.com',
      port: 6432,
      database: 'tasks',
      user: 'ada',
      password: 'secret',
      tls: 'off',
      pooled: false,
    })
  })

  test('the scheme postgresql:, the default port, no password', () => {
    expect(parse('postgresql://ada@localhost/tasks')).toMatchObject({ port: 5432, password: '' })
  })

  test('percent-encoded parts', () => {
    expect(parse('postgres://a%40b:p%2F%3A%23%25%20%C3%A9+@localhost/t%20asks')).toMatchObject({
      user: 'a@b',
      password: 'p/:#% é+',
      database: 't asks',
    })
  })

  test('IPv4 and IPv6', () => {
    expect(parse('postgres://ada@127.0.0.1/tasks').host).toBe('127.0.0.1')
    expect(parse('postgres://ada@[::1]:6432/tasks')).toMatchObject({ host: '::1', port: 6432 })
  })

  test.each([
    ['', 'off'],
    ['?sslmode=disable', 'off'],
    ['?sslmode=allow', 'off'],
    ['?sslmode=prefer', 'off'],
    ['?sslmode=require', 'require'],
    ['?sslmode=verify-ca', 'verify'],
    ['?sslmode=verify-full', 'verify'],
  ])('%s is TLS %s', (query, tls) => {
    expect(parse(`postgres://ada@localhost/tasks${query}`).tls).toBe(tls)
  })
})

describe('poolers', () => {
  const NEON = 'c-2.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require'
  test.each([
    [`postgresql://ada:secret@ep-cool-sun-a1b2c3-pooler.${NEON}`, true],
    [`postgresql://ada:secret@ep-cool-sun-a1b2c3.${NEON}`, false],
    ['postgres://ada@my-pooler/tasks', true],
    ['postgres://ada@pooler.example.com/tasks', false],
    ['postgres://ada@db.a-pooler.example.com/tasks', false],
    ['postgres://ada@localhost/tasks?pgbouncer=true', true],
    ['postgres://ada@a-pooler.example.com/tasks?pgbouncer=false', false],
  ])('%s', (text, pooled) => {
    expect(parse(text).pooled).toBe(pooled)
  })

  test('the parameters that Neon adds are ignored', () => {
    expect(parse(`postgresql://ada:secret@ep-cool-sun-a1b2c3.${NEON}`)).toEqual({
      host: 'ep-cool-sun-a1b2c3.c-2.eu-central-1.aws.neon.tech',
      port: 5432,
      database: 'neondb',
      user: 'ada',
      password: 'secret',
      tls: 'require',
      pooled: false,
    })
  })
})

describe('refused', () => {
  test.each([
    ['', /is not an address/],
    ['localhost', /is not an address/],
    ['postgres://ada:sec/ret@localhost/tasks', /is not an address/],
    ['postgres://ada:secret@localhost:70000/tasks', /is not an address/],
    ['postgres://ada:secret@one:5432,two:5432/tasks', /is not an address/],
    ['mysql://ada:secret@localhost/tasks', /begins with mysql: and not with postgres:; write postgres:\/\/user/],
    ['localhost:5432/tasks', /begins with localhost: and not with postgres:; write postgres:\/\/user/],
    ['postgres:///tasks', /lacks its host, user or database/],
    ['postgres://localhost/tasks', /lacks its host, user or database/],
    ['postgres://ada:secret@localhost', /lacks its host, user or database/],
    ['postgres://ada:secret@localhost/', /lacks its host, user or database/],
    ['postgres://ada:secret@one,two/tasks', /several hosts/],
    ['postgres://ada:secret@%2Fvar%2Frun/tasks', /a socket/],
    ['postgres://ada:secret%zz@localhost/tasks', /% that encodes nothing/],
    ['postgres://ada:secret@localhost/tasks?sslmode=yes', /sslmode=yes; use one of disable/],
    ['postgres://ada:secret@localhost/tasks?sslmode=constructor', /use one of disable/],
    ['postgres://ada:secret@localhost/tasks?statement_timeout=1', /the parameter statement_timeout/],
    ['postgres://ada:secret@localhost/tasks?sslrootcert=a.pem', /the parameter sslrootcert/],
  ])('%s', (text, reason) => {
    const message = refusal(text)
    expect(message).toMatch(reason)
    expect(message).toMatch(/^DATABASE_URL /)
    expect(message).not.toMatch(/sec\/?ret/)
  })
})
