import { openStatements } from '@taskwire/db'
import { PATIENT } from '@taskwire/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { cookieOf, PASSWORD, startSignIn } from './testing/sign-in-environment.ts'

const environment = await startSignIn()
const { admin, signIn, send, getSession, signUpUser, count } = environment
afterAll(async () => await environment[Symbol.asyncDispose]())

const pause = (ms: number) => new Promise<false>((resolve) => setTimeout(resolve, ms, false))

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

  test('stores the session for seven days, with the IP address', async () => {
    const { id } = await signUpUser()
    const [row] = await admin`
      select ip_address, extract(epoch from expires_at - now())::int as seconds from auth.sessions where user_id = ${id}`
    expect(row).toMatchObject({ ip_address: '192.0.2.1' })
    expect(row?.['seconds']).toBeGreaterThan(7 * 86400 - 60)
    expect(row?.['seconds']).toBeLessThanOrEqual(7 * 86400)
  })

  test('gives the cookie the prefix __Secure- if it is for HTTPS only', async () => {
    const secure = signIn({ secureCookies: true })
    const { email } = await signUpUser()
    const { cookie } = await send('sign-in/email', { body: { email, password: PASSWORD }, to: secure })
    expect(cookie).toMatch(/^__Secure-taskwire\.session_token=.*; HttpOnly; Secure; SameSite=Lax$/)
    expect((await getSession(cookieOf(cookie), secure)).body).toMatchObject({ user: { email } })
  })

  test.each([
    ['the given time zone', { timeZone: 'America/Los_Angeles' }, 'America/Los_Angeles'],
    ['UTC if no time zone is given', {}, 'UTC'],
  ])('creates the account with %s', async (_, more, zone) => {
    const email = `in-${zone.replace('/', '-')}@example.com`
    const body = { email, password: PASSWORD, name: 'Ann', ...more }
    expect((await send('sign-up/email', { body })).status).toBe(200)
    const rows = await admin`
      select u.time_zone from auth.users u where lower(u.email) = lower(${email})`
    expect(rows).toEqual([{ time_zone: zone }])
  })

  test('does not use the time zone for other accounts on the same connection', async () => {
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

  test('refuses an e-mail address that has an account, in upper or lower case', async () => {
    const { email } = await signUpUser()
    const again = await send('sign-up/email', { body: { email: email.toUpperCase(), password: PASSWORD, name: 'Eve' } })
    expect(again).toMatchObject({ status: 422, body: { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' } })
  })

  test('creates one account in five concurrent sign-ups', async () => {
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
