import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test, vi } from 'vitest'
import { NEW, OLD, startRacingSignIn } from './testing/racing-sign-in.ts'

const env = await startRacingSignIn()
const { database, admin, account, countSessions, signIn, change } = env
afterAll(() => env[Symbol.asyncDispose]())

test('no session that began with the old password survives a password change, in 100 rounds', async () => {
  const old: (string | undefined)[] = []
  for (let round = 0; round < 100; round++) {
    const { email, token } = await account()
    const [changed, ...signedIn] = await Promise.all([
      change(token),
      ...Array.from({ length: 6 }, async () => await signIn(email, OLD)),
    ])
    expect(changed.status).toBe(200)
    for (const { status } of signedIn) expect([200, 401]).toContain(status)
    old.push(token, ...signedIn.map((one) => one.token))
    expect((await signIn(email, NEW)).status).toBe(200)
  }
  expect(old.filter((token) => token !== undefined).length).toBeGreaterThan(150)
  expect(await countSessions(old)).toBe(0)
})

test('a password change also ends a session whose insertion was not committed yet', async () => {
  const { email, token } = await account()
  await admin.unsafe(`
    create function auth.hold() returns trigger language plpgsql as $$
      begin if new.ip_address = '192.0.2.99' then perform pg_advisory_xact_lock_shared(99); end if; return new; end $$;
    create trigger hold after insert on auth.sessions for each row execute function auth.hold()`)
  const waiting = async (wait: string): Promise<boolean> =>
    (await admin`select 1 from pg_stat_activity where datname = ${database.name} and wait_event = ${wait}`).length > 0
  await using holder = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await holder.sql`select pg_advisory_lock(99)`
  const signedIn = signIn(email, OLD, { from: '192.0.2.99' })
  await vi.waitUntil(async () => await waiting('advisory'), { timeout: 60_000 })
  const changed = change(token)
  // The change waits for the account's row, which the sign-in has locked.
  await vi.waitUntil(async () => (await waiting('transactionid')) || (await waiting('tuple')), { timeout: 60_000 })
  await holder.sql`select pg_advisory_unlock(99)`
  await admin.unsafe('drop trigger hold on auth.sessions')
  expect([(await signedIn).status, (await changed).status]).toEqual([200, 200])
  expect(await countSessions([token, (await signedIn).token])).toBe(0)
})

test('one of ten concurrent changes succeeds', async () => {
  const { email, token } = await account()
  const tokens = [token]
  for (let nr = 0; nr < 4; nr++) tokens.push((await signIn(email, OLD)).token ?? '')
  const changes = await Promise.all(
    Array.from({ length: 10 }, async (_, nr) => await change(tokens[nr % 5] ?? '', `new password ${nr}`)),
  )
  const done = changes.flatMap(({ status }, nr) => (status === 200 ? [nr] : []))
  expect(done).toHaveLength(1)
  for (const { status } of changes) expect([200, 401]).toContain(status)
  expect((await signIn(email, `new password ${done[0]}`)).status).toBe(200)
})
