import { afterAll, beforeEach, expect, test } from 'vitest'
import { address, PASSWORD, type Sent, statuses, times, startCountedSignIn } from './testing/counted-sign-in.ts'

const env = await startCountedSignIn()
const { admin, hashing, logged, createInstance, processes, send, newEmail, signUp, signIn, signInWrong } = env
afterAll(() => env[Symbol.asyncDispose]())
beforeEach(env.reset)

/** Changes the counts as if these minutes had passed. */
const passMinutes = async (minutes: number): Promise<unknown> =>
  await admin`update auth.sign_in_attempts set spent_until = spent_until - ${minutes} * interval '1 minute'`

test('an account allows 20 attempts, from all IP addresses and at all processes together', async () => {
  const { email } = await signUp()
  expect(
    await statuses(
      20,
      async (n) => await signInWrong(email, { from: address(n), to: n % 2 === 0 ? processes.one : processes.two }),
    ),
  ).toEqual(times(20, 401))
  for (const to of [processes.one, processes.two]) {
    const refused = await signIn(email, PASSWORD, { from: address(99), to })
    expect(refused).toMatchObject({ status: 429, text: expect.stringContaining('"RATE_LIMITED"') })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(180)
  }
  // Other accounts are not affected.
  const otherUser = await signUp()
  expect((await signIn(otherUser.email, PASSWORD, { from: address(99) })).status).toBe(200)
})

test('after 20 attempts, an account allows one every three minutes, at all processes together', async () => {
  const { email } = await signUp()
  await statuses(20, async (n) => await signInWrong(email, { from: address(n) }))
  await passMinutes(3)
  expect(
    await statuses(2, async (n) => await signInWrong(email, { from: address(50 + n), to: processes.two })),
  ).toEqual([401, 429])
  await passMinutes(3)
  expect((await signIn(email, PASSWORD, { from: address(60), to: createInstance() })).status).toBe(200)
})

test('concurrent attempts do not exceed the limit', async () => {
  const { email } = await signUp()
  const attempts = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      signInWrong(email, { from: address(n), to: n % 2 === 0 ? processes.one : processes.two }),
    ),
  )
  expect(attempts.filter(({ status }) => status === 401)).toHaveLength(20)
  expect(attempts.filter(({ status }) => status === 429)).toHaveLength(20)
})

test('the owner can still sign in from an IP address with a session, where attempts count separately', async () => {
  const home = '198.51.100.7'
  const { email, token } = await signUp(home)
  await statuses(25, async (n) => await signInWrong(email, { from: address(n) }))
  expect((await signIn(email, PASSWORD, { from: home })).status).toBe(200)
  expect(await statuses(21, async () => await signInWrong(email, { from: home, to: processes.two }))).toEqual([
    ...times(20, 401),
    429,
  ])
  // The limit ends no session.
  const request = new Request('https://tasks.example.com/auth/get-session', {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await (await processes.one.handle(request, address(1))).json()).toMatchObject({ user: { email } })
})

test('an attempt with the correct password is not counted, and does not reset the count', async () => {
  const { email } = await signUp()
  const sentFrom = (n: number): Sent => ({ from: address(n) })
  await statuses(19, async (n) => await signInWrong(email, sentFrom(n)))
  // From now on the account has a session from this address.
  expect((await signIn(email, PASSWORD, sentFrom(100))).status).toBe(200)
  expect(await statuses(2, async (n) => await signInWrong(email, sentFrom(50 + n)))).toEqual([401, 429])
})

test('an IP address allows 50 attempts; an IPv6 /64 counts as one address', async () => {
  const from = (n: number): string => `2001:db8:1:2::${(n + 1).toString(16)}`
  const many = [createInstance(), createInstance(), createInstance()]
  const attempts = await statuses(51, async (n) => {
    const to = many[n % many.length]
    return await signInWrong(newEmail(), { from: from(n), ...(to === undefined ? {} : { to }) })
  })
  expect(attempts).toEqual([...times(50, 401), 429])
  const { email } = await signUp()
  expect((await signIn(email, PASSWORD, { from: '2001:db8:1:3::1' })).status).toBe(200)
  // An attempt that the address limit refuses does not count against the account.
  expect(await admin`select from auth.sign_in_attempts`).toHaveLength(1 + 50 + 2)
})

test('known and unknown accounts get the same replies, with the same work', async () => {
  const { email } = await signUp()
  const attemptAll = async (userEmail: string): Promise<unknown> => {
    hashing.costs = []
    const replies = []
    for (let n = 0; n < 22; n++) {
      const { status, text, headers } = await signInWrong(userEmail, { from: address(n) })
      replies.push({ status, text, headers: [...headers].filter(([name]) => name !== 'retry-after') })
    }
    return { replies, hashes: hashing.costs }
  }
  const known = await attemptAll(email)
  expect(await attemptAll(newEmail())).toEqual(known)
  expect(known).toMatchObject({ hashes: { length: 20 } })
})

test('an IP address allows 30 sign-ups, including those with an e-mail address in use', async () => {
  const { email } = await signUp()
  const attemptSignUp = async (n: number) =>
    await send(
      'sign-up/email',
      { email: n % 2 === 0 ? email : newEmail(), password: PASSWORD, name: 'Eve' },
      { to: n % 3 === 0 ? processes.one : processes.two },
    )
  expect(await statuses(31, attemptSignUp)).toEqual([
    ...Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? 422 : 200)),
    429,
  ])
})

test('a session allows 10 attempts with the old password', async () => {
  const { token } = await signUp()
  const change = async (n: number) =>
    await send(
      'change-password',
      { currentPassword: 'wrong horse', newPassword: 'battery staple' },
      {
        headers: { authorization: `Bearer ${token}` },
        from: address(n),
        to: n % 2 === 0 ? processes.one : processes.two,
      },
    )
  expect(await statuses(11, change)).toEqual([...times(10, 400), 429])
})

test('expired counts are deleted', async () => {
  await statuses(10, async (n) => await signInWrong(newEmail(), { from: address(n) }))
  expect(await admin`select from auth.sign_in_attempts`).toHaveLength(20)
  await passMinutes(60)
  await statuses(6, async (n) => await signInWrong(newEmail(), { from: address(100 + n) }))
  expect(await admin`select from auth.sign_in_attempts where spent_until < now()`).toHaveLength(0)
})

test('the stored counts contain no e-mail or IP address', async () => {
  const { email } = await signUp()
  await signInWrong(email)
  const rows = await admin`select t::text as row from auth.sign_in_attempts t`
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${email}|${Buffer.from(email).toString('hex')}|192\\.0\\.2`))
})

test('an e-mail address in upper or lower case is one account, and its look-alikes are refused', async () => {
  const { email } = await signUp()
  const upper = email.toUpperCase()
  expect((await signIn(upper, PASSWORD)).status).toBe(200)
  await statuses(20, async (n) => await signInWrong(n % 2 === 0 ? upper : email, { from: address(n) }))
  expect((await signInWrong(upper, { from: address(90) })).status).toBe(429)
  for (const odd of [
    email.replace('e', 'е'),
    email.replace('p', 'ｐ'),
    ` ${email}`,
    `${email}\u0000`,
    `${email}.`,
    email.replace('@', '\u200b@'),
  ])
    expect([odd, (await signIn(odd, PASSWORD, { from: address(91) })).status]).toEqual([odd, 400])
})

test('none of these requests was logged as an unexpected error', () => {
  expect(logged.filter((line) => /unexpected|internal/.test(line))).toEqual([])
})
