import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Fetch, signIn, SignInError, signOut, signUp } from './index.ts'
import { cut, fakeFetch, page } from './testing/fake-fetch.ts'

const url = 'http://service/'
const credentials = { url, email: 'you@example.com', password: 'correct horse battery' }

afterEach(() => {
  vi.restoreAllMocks()
})

async function refusal(call: Promise<unknown>): Promise<SignInError> {
  const error = await call.then(
    () => expect.unreachable('it succeeded'),
    (caught: unknown) => caught,
  )
  if (!(error instanceof SignInError)) throw error
  return error
}

test('signing up, in and out call /auth, with the cookie unless a token is given', async () => {
  const signedIn = { token: 'token', user: { id: 'a', email: 'you@example.com', name: 'You' } }
  const bodies: unknown[] = []
  const headers: (string | null)[][] = []
  const fetch = vi.fn<typeof globalThis.fetch>(async (_input, init) => {
    bodies.push(typeof init?.body === 'string' ? JSON.parse(init.body) : init?.body)
    const given = new Headers(init?.headers)
    headers.push([given.get('content-type'), given.get('authorization')])
    return Response.json(signedIn)
  })
  expect(await signUp({ ...credentials, name: 'You', fetch })).toEqual(signedIn)
  expect(await signIn({ ...credentials, fetch })).toEqual(signedIn)
  await signOut({ url, token: 'token', fetch })
  await signOut({ url, fetch })
  expect(fetch.mock.calls.map(([address, init]) => [address, init?.method, init?.credentials])).toEqual([
    ['http://service/auth/sign-up/email', 'POST', 'include'],
    ['http://service/auth/sign-in/email', 'POST', 'include'],
    // Only the token's session ends: the cookie may belong to another session.
    ['http://service/auth/sign-out', 'POST', 'omit'],
    ['http://service/auth/sign-out', 'POST', 'include'],
  ])
  const { url: _, ...body } = credentials
  // No other fields, since the service refuses unknown ones.
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  expect(bodies).toEqual([{ ...body, name: 'You', timeZone }, body, undefined, undefined])
  expect(headers).toEqual([
    ['application/json', null],
    ['application/json', null],
    [null, 'Bearer token'],
    [null, null],
  ])
})

test('an error has its status, code and fields, and says how long to wait', async () => {
  const fields = [{ path: 'email', message: 'is not an e-mail address' }]
  const { fetch } = fakeFetch(
    () => Response.json({ code: 'VALIDATION', message: 'The input is not valid', fields }, { status: 400 }),
    () =>
      Response.json({ code: 'RATE_LIMITED', message: 'Too many' }, { status: 429, headers: { 'retry-after': '10' } }),
  )
  expect(await refusal(signIn({ ...credentials, fetch }))).toMatchObject({
    name: 'SignInError',
    status: 400,
    code: 'VALIDATION',
    message: 'The input is not valid',
    fields,
  })
  expect(await refusal(signIn({ ...credentials, fetch }))).toMatchObject({
    status: 429,
    code: 'RATE_LIMITED',
    fields: [],
    retryAfterMs: 10_000,
  })
})

test('an error of the service outside the sign-in library has a status and a code too', async () => {
  const { fetch } = fakeFetch(() =>
    Response.json(
      { error: { message: 'The database cannot be reached yet', data: { appCode: 'UNAVAILABLE' } } },
      { status: 503 },
    ),
  )
  expect(await refusal(signIn({ ...credentials, fetch }))).toMatchObject({
    status: 503,
    code: 'UNAVAILABLE',
    message: 'The database cannot be reached yet',
  })
})

test.each([502, 200])('a response with status %i that is not from the service rejects with NETWORK', async (status) => {
  const { fetch, sent } = fakeFetch(page(status))
  expect(await refusal(signIn({ ...credentials, fetch }))).toMatchObject({
    status,
    code: 'UNKNOWN',
    appCode: 'NETWORK',
    message: `The response with status ${status} is not a valid Taskwire response`,
  })
  expect(sent).toHaveLength(1)
})

test('a sign-in without a response rejects with status 0, NETWORK and the cause, and is not retried', async () => {
  const { fetch, sent } = fakeFetch(cut)
  expect(await refusal(signUp({ ...credentials, name: 'You', fetch }))).toMatchObject({
    status: 0,
    code: 'NETWORK',
    message: 'fetch failed',
    cause: { name: 'TypeError' },
  })
  expect(sent).toHaveLength(1)
})

test('a request is aborted by its signal, or, without a signal, after 12 seconds', async () => {
  const timeout = vi
    .spyOn(AbortSignal, 'timeout')
    .mockReturnValue(AbortSignal.abort(new DOMException('late', 'TimeoutError')))
  const fetch = async (_input: unknown, init?: RequestInit) => {
    init?.signal?.throwIfAborted()
    return Response.json({})
  }
  expect(await refusal(signIn({ ...credentials, fetch }))).toMatchObject({
    appCode: 'TIMEOUT',
    status: 0,
    code: 'TIMEOUT',
    cause: { name: 'TimeoutError' },
  })
  expect(timeout).toHaveBeenCalledWith(12_000)
  const signal = AbortSignal.abort()
  expect(await refusal(signIn({ ...credentials, fetch, signal }))).toMatchObject({
    appCode: 'ABORTED',
    code: 'ABORTED',
    retryable: false,
    cause: { name: 'AbortError' },
  })
  expect(timeout).toHaveBeenCalledTimes(1)
})

test("a url that cannot be the service's is refused", async () => {
  await expect(signIn({ ...credentials, url: 'localhost:4000' })).rejects.toThrow(TypeError)
})

const fails = (code: string, status = 401) => fakeFetch(() => Response.json({ code, message: 'refused' }, { status }))

test('signing out of a session that has ended succeeds; any other error rejects', async () => {
  await expect(signOut({ url, token: 'ended', ...fails('UNAUTHENTICATED') })).resolves.toBeUndefined()
  await expect(signOut({ url, ...fails('UNAUTHENTICATED') })).resolves.toBeUndefined()
  expect(await refusal(signOut({ url, ...fails('UNAVAILABLE', 503) }))).toMatchObject({ appCode: 'UNAVAILABLE' })
  // A proxy's 401 says nothing about the session.
  expect(await refusal(signOut({ url, ...fakeFetch(page(401)) }))).toMatchObject({ appCode: 'NETWORK', status: 401 })
  expect(await refusal(signIn({ ...credentials, ...fails('UNAUTHENTICATED') }))).toMatchObject({ status: 401 })
})

test('signing out with a token that is not allowed in a header succeeds, since it belongs to no session', async () => {
  const { fetch, sent } = fakeFetch(cut)
  await expect(signOut({ url, token: 'a\nb', fetch })).resolves.toBeUndefined()
  expect(sent).toHaveLength(0)
})

test('an input that cannot be sent as JSON rejects with VALIDATION', async () => {
  const { fetch, sent } = fakeFetch(cut)
  const password = 12n as unknown as string
  expect(await refusal(signIn({ ...credentials, password, fetch }))).toMatchObject({ appCode: 'VALIDATION', status: 0 })
  expect(sent).toHaveLength(0)
})

describe('the time zone of a new account', () => {
  async function sentZone(timeZone?: string): Promise<unknown> {
    const bodies: { timeZone?: unknown }[] = []
    const fetch: Fetch = async (_input, init) => {
      if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body) as { timeZone?: unknown })
      return Response.json({})
    }
    await signUp({ ...credentials, name: 'You', fetch, ...(timeZone === undefined ? {} : { timeZone }) })
    return bodies[0]?.timeZone
  }
  const setRuntimeZone = (timeZone: string | undefined): void => {
    const { resolvedOptions } = Intl.DateTimeFormat.prototype
    vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions').mockImplementation(function (this: Intl.DateTimeFormat) {
      // Some runtimes have no time zone, though the type says otherwise.
      return { ...resolvedOptions.call(this), timeZone: timeZone as string }
    })
  }

  test('is the given one', async () => {
    expect(await sentZone('Asia/Tokyo')).toBe('Asia/Tokyo')
  })

  test.each(['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC', 'Etc/GMT+5'])(
    'is the runtime’s by default: %s',
    async (zone) => {
      setRuntimeZone(zone)
      expect(await sentZone()).toBe(zone)
    },
  )

  test.each([undefined, '', 'Etc/Unknown', '+05:30', 'EST5EDT,M3.2.0,M11.1.0', ':/etc/localtime'])(
    'is left out if the runtime’s is not an IANA name: %s',
    async (zone) => {
      setRuntimeZone(zone)
      expect(await sentZone()).toBeUndefined()
    },
  )
})
