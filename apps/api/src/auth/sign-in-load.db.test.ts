import { afterAll, beforeEach, expect, test } from 'vitest'
import { address, PASSWORD, statuses, times, startCountedSignIn } from './testing/counted-sign-in.ts'

const env = await startCountedSignIn()
const { admin, hashing, logged, processes, signUp, signIn, signInWrong } = env
afterAll(() => env[Symbol.asyncDispose]())
beforeEach(env.reset)

test('each process refuses a flood from one IP address, even with correct passwords', async () => {
  const { email } = await signUp()
  expect(await statuses(31, async () => await signIn(email, PASSWORD))).toEqual([...times(30, 200), 429])
  expect((await signIn(email, PASSWORD, { from: address(1) })).status).toBe(200)
})

test('for refused and invalid requests no hash is computed', async () => {
  const { email } = await signUp()
  await statuses(20, async (n) => await signInWrong(email, { from: address(n) }))
  hashing.costs = []
  expect((await signInWrong(email, { from: address(90) })).status).toBe(429)
  expect((await signIn(email, 'x'.repeat(129), { from: address(91) })).status).toBe(400)
  expect((await signIn(email, 'x'.repeat(1_000_000), { from: address(91) })).status).toBe(413)
  expect((await signIn('no address', PASSWORD, { from: address(91) })).status).toBe(400)
  expect(hashing.costs).toEqual([])
})

test('three hashes run at a time and forty wait; further requests are OVERLOADED', async () => {
  const { email } = await signUp()
  const gate = Promise.withResolvers<void>()
  hashing.gate = gate.promise
  hashing.most = 0
  let refused = 0
  const all = Array.from({ length: 60 }, async () => {
    const reply = await signInWrong(email, { to: processes.unlimited })
    // The last refusal lets the others continue.
    if (reply.status === 503 && ++refused === 17) gate.resolve()
    return reply
  })
  const replies = await Promise.all(all)
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(43)
  const refusals = replies.filter(({ status }) => status === 503)
  expect(refusals).toHaveLength(17)
  for (const { text, headers } of refusals) {
    expect(text).toContain('"OVERLOADED"')
    expect(text).toContain('Too many passwords are being checked; retry in two seconds.')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(hashing.most).toBe(3)
})

test('an attempt that fails because of the service is not counted', async () => {
  const { email } = await signUp()
  await admin.unsafe(`create function auth.fail() returns trigger language plpgsql as $$ begin raise 'x' using errcode = '53100'; end $$;
    create trigger fail before insert on auth.sessions for each row execute function auth.fail()`)
  try {
    expect(await statuses(22, async (n) => await signIn(email, PASSWORD, { from: address(n) }))).toEqual(times(22, 503))
  } finally {
    await admin.unsafe('drop function auth.fail cascade')
  }
  expect((await signIn(email, PASSWORD, { from: address(99) })).status).toBe(200)
})

test('none of these requests was logged as an unexpected error', () => {
  expect(logged.length).toBeGreaterThan(0)
  expect(logged.filter((line) => /unexpected|internal/.test(line))).toEqual([])
})
