import { CONTRACT_HEADER, CONTRACT_VERSION } from '@taskwire/contract/version'
import { afterEach, expect, test, vi } from 'vitest'
import { createClient, failureOf, signIn } from './index.ts'
import { echo, fakeFetch, refuse, refused } from './testing/fake-fetch.ts'

const id = '0193a1b2-0000-7000-8000-000000000000'
const url = 'http://service'

async function failure(call: Promise<unknown>) {
  return await call.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => failureOf(error),
  )
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test('each request names the contract of the client', async () => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url, fetch }).system.health.query()
  expect(sent[0]?.headers.get('x-taskwire-contract')).toBe(CONTRACT_HEADER)
  expect(CONTRACT_HEADER).toMatch(/^\d+\.\d+\.\d+(-rc\.\d+)?; hash=[0-9a-f]{16}$/)
})

test('a token is sent as a bearer token, without cookies', async () => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url, token: 'secret', fetch }).me.get.query()
  expect(sent[0]?.headers.get('authorization')).toBe('Bearer secret')
  expect(sent[0]?.headers.has('x-taskwire-user')).toBe(false)
  expect(sent[0]?.credentials).toBeUndefined()
})

test('without a token the browser sends its cookie, also to another origin', async () => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url, fetch }).me.get.query()
  expect(sent[0]?.headers.has('authorization')).toBe(false)
  expect(sent[0]?.credentials).toBe('include')
})

test('a token function is called before every request, retries included', async () => {
  const { fetch, sent } = fakeFetch(refuse('UNAVAILABLE'), echo)
  let calls = 0
  const client = createClient({ url, token: async () => `token-${++calls}`, fetch, retry: { delayMs: 0 } })
  await Promise.all([client.me.get.query(), client.tasks.list.query()])
  await client.me.get.query()
  const sentTokens = sent.map(({ headers }) => headers.get('authorization'))
  expect(sentTokens).toEqual(sentTokens.map((_, n) => `Bearer token-${n + 1}`))
  expect(calls).toBe(sent.length)
})

test('a token function may return no token', async () => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url, token: () => undefined, fetch }).system.health.query()
  // localStorage.getItem() returns null.
  await createClient({ url, token: () => null, fetch }).system.health.query()
  expect(sent.map(({ headers }) => headers.has('authorization'))).toEqual([false, false])
})

test('actingAs is sent as the user of a service key', async () => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url, token: 'key', actingAs: id, fetch }).tasks.list.query()
  expect(sent[0]?.headers.get('x-taskwire-user')).toBe(id)
  expect(sent[0]?.headers.has('x-taskwire-space')).toBe(false)
})

test('actingAsExternal is sent percent-encoded, and not beside actingAs', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const options = { url, token: 'key', actingAsExternal: 'auth0|ünï 1%', fetch }
  await createClient(options).tasks.list.query()
  expect(sent[0]?.headers.get('x-taskwire-external-user')).toBe('auth0%7C%C3%BCn%C3%AF%201%25')
  expect(sent[0]?.headers.has('x-taskwire-user')).toBe(false)
  expect(() => createClient({ ...options, actingAs: id })).toThrow('actingAs and actingAsExternal')
  await expect(createClient({ ...options, actingAsExternal: '\ud800' }).tasks.list.query()).rejects.toMatchObject({
    appCode: 'FORBIDDEN',
  })
  expect(sent).toHaveLength(1)
})

test.each([
  ['http://service', 'http://service/trpc/me.get'],
  ['http://service///', 'http://service/trpc/me.get'],
  ['https://example.com/tasks/', 'https://example.com/tasks/trpc/me.get'],
  ['http://service/trpc', 'http://service/trpc/me.get'],
  ['https://example.com/tasks/trpc/', 'https://example.com/tasks/trpc/me.get'],
  ['http://service/auth', 'http://service/trpc/me.get'],
  ['https://example.com/author', 'https://example.com/author/trpc/me.get'],
  ['', 'http://relative/trpc/me.get'],
  ['/tasks', 'http://relative/tasks/trpc/me.get'],
  ['/trpc', 'http://relative/trpc/me.get'],
])('calls of a client with the url %j go to %s', async (address, called) => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url: address, fetch }).me.get.query()
  expect(sent[0]?.url.href.split('?', 1)[0]).toBe(called)
})

test.each([
  ['localhost:4000', 'is not a URL'],
  ['tasks.example.com', 'is not a URL'],
  ['ftp://example.com', 'is not a URL'],
  ['undefined', 'is not a URL'],
  ['http://', 'is not a URL'],
  ['https://tasks example.com', 'is not a URL'],
  ['https://me:secret@tasks.example.com', 'contains a user name or a password'],
  ['https://tasks.example.com/?key=a', 'has a query'],
  ['/tasks#top', 'has a query'],
])("createClient refuses a url that cannot be the service's, and says what to give: %s", async (address, reason) => {
  expect(() => createClient({ url: address })).toThrow(TypeError)
  expect(() => createClient({ url: address })).toThrow(new RegExp(`${reason}.*give one such as https://`))
  await expect(signIn({ url: address, email: 'a@example.com', password: 'p' })).rejects.toThrow(reason)
})

test.each([
  [{ timeoutMs: Number.NaN }, 'timeoutMs is NaN; it must be at least 1'],
  [{ timeoutMs: 0 }, 'timeoutMs is 0; it must be at least 1'],
  // With NaN a failed call would be retried for ever.
  [{ retry: { attempts: Number.NaN } }, 'retry.attempts is NaN; it must be at least 1'],
  [{ retry: { attempts: 0 } }, 'retry.attempts is 0; it must be at least 1'],
  [{ retry: { delayMs: -1 } }, 'retry.delayMs is -1; it must be at least 0'],
  [{ retry: { maxDelayMs: Number.NaN } }, 'retry.maxDelayMs is NaN; it must be at least 0'],
])('createClient refuses numbers out of range: %o', (options, message) => {
  expect(() => createClient({ url: 'http://service', ...options })).toThrow(new TypeError(message))
})

test('the global fetch is looked up at each call', async () => {
  const client = createClient({ url })
  const { fetch, sent } = fakeFetch(echo)
  vi.stubGlobal('fetch', fetch)
  await client.me.get.query()
  expect(sent).toHaveLength(1)
})

const OURS = CONTRACT_VERSION.replaceAll('.', String.raw`\.`)
test.each([
  [
    CONTRACT_HEADER,
    `^The service has no procedure tasks\\.clear\\..* has version ${OURS} .* for ${OURS}, .*spelt right`,
  ],
  [
    '1.3.0; hash=0123456789abcdef',
    `no procedure tasks\\.clear\\..* has version 1\\.3\\.0 .* for ${OURS}: update the older`,
  ],
  [
    '2.0.0; hash=0123456789abcdef',
    `^tasks\\.clear: .* has version 2\\.0\\.0 .* for ${OURS}: use the client of the same major`,
  ],
  [undefined, `^tasks\\.clear: refused: CONTRACT_MISMATCH .* for version ${OURS}`],
])('CONTRACT_MISMATCH names the missing procedure, both versions and what to do: %s', async (served, message) => {
  const headers: HeadersInit = served === undefined ? {} : { 'x-taskwire-contract': served }
  const { fetch } = fakeFetch(({ calls }) =>
    Response.json(
      calls.map(({ path }) => (path === 'tasks.clear' ? refused('CONTRACT_MISMATCH') : { result: { data: 1 } })),
      { headers },
    ),
  )
  // Plain JavaScript can call a procedure that does not exist.
  const client = createClient({ url, fetch })
  const { tasks } = client as unknown as { tasks: { clear: { query(): Promise<unknown> } } }
  const [misspelt, other] = await Promise.all([failure(tasks.clear.query()), client.me.get.query()])
  expect(misspelt).toMatchObject({ appCode: 'CONTRACT_MISMATCH', message: expect.stringMatching(new RegExp(message)) })
  expect(other).toBe(1)
})

test('importing the package and creating a client open nothing', async () => {
  const fetch = vi.fn<typeof globalThis.fetch>()
  vi.stubGlobal('fetch', fetch)
  vi.useFakeTimers()
  const before = process.getActiveResourcesInfo()
  vi.resetModules()
  const fresh = await import('./index.ts')
  fresh.createClient({ url, token: 'token' })
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  expect(process.getActiveResourcesInfo().filter((kind) => !before.includes(kind))).toEqual([])
  expect(fetch).not.toHaveBeenCalled()
})
