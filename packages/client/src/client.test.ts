import { LIMITS } from '@taskwire/contract/limits'
import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { afterEach, expect, test, vi } from 'vitest'
import { createClient, failureOf, signIn } from './index.ts'
import { cut, echo, fakeFetch, page, refuse, refused } from './testing/fake-fetch.ts'

const id = '0193a1b2-0000-7000-8000-000000000000'
const url = 'http://service'
const once = { attempts: 1 }

async function failure(call: Promise<unknown>) {
  return await call.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => failureOf(error),
  )
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test('the calls of one tick share a request, queries and mutations apart, and each gets its own reply', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  const replies = await Promise.all([
    client.tasks.get.query({ id }),
    client.tasks.create.mutate({ title: 'Buy milk', mutationId: id }),
    client.tasks.list.query({ limit: 2 }),
    client.lists.create.mutate({ name: 'Errands', mutationId: id }),
  ])
  expect(
    sent.map(({ method, url: { pathname, search }, calls }) => [method, pathname, search.slice(0, 8), calls.length]),
  ).toEqual([
    ['GET', '/trpc/tasks.get,tasks.list', '?batch=1', 2],
    ['POST', '/trpc/tasks.create,lists.create', '?batch=1', 2],
  ])
  expect(replies).toEqual([
    { echo: { id } },
    { echo: { title: 'Buy milk', mutationId: id } },
    { echo: { limit: 2 } },
    { echo: { name: 'Errands', mutationId: id } },
  ])
})

test('a request has at most 50 calls', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  await Promise.all(Array.from({ length: 101 }, (_, n) => client.tasks.create.mutate({ title: `Task ${n}` })))
  expect(sent.map(({ calls }) => calls.length)).toEqual([LIMITS.batch, LIMITS.batch, 1])
})

test('a large call gets a request of its own, so that a batch stays below the limit of a body', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  const tasks = Array.from({ length: 500 }, () => ({ title: 'я'.repeat(200), description: '語'.repeat(500) }))
  await Promise.all([
    client.tasks.createMany.mutate({ tasks }),
    client.tasks.create.mutate({ title: 'Buy milk' }),
    client.tasks.create.mutate({ title: 'Buy bread' }),
    client.tasks.createMany.mutate({ tasks }),
  ])
  expect(sent.map(({ calls }) => calls.map(({ path }) => path))).toEqual([
    ['tasks.createMany'],
    ['tasks.create', 'tasks.create'],
    ['tasks.createMany'],
  ])
})

test.each([19_900, 20_100, 39_000])('calls of %i characters each make no body above the limit', async (length) => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  // Three bytes each, the most that a UTF-16 unit takes.
  const input = { tasks: [{ title: '語'.repeat(length) }] }
  await Promise.all(Array.from({ length: LIMITS.batch }, () => client.tasks.createMany.mutate(input)))
  expect(sent.flatMap(({ calls }) => calls)).toHaveLength(LIMITS.batch)
  for (const { bytes } of sent) expect(bytes).toBeLessThan(LIMITS.bodyBytes)
})

test('no address is longer than 6000 characters', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url: 'https://tasks.example.com/a/path/of/its/own', fetch })
  const search = 'й'.repeat(LIMITS.search)
  await Promise.all(Array.from({ length: 20 }, () => client.tasks.list.query({ filter: { search } })))
  expect(sent.flatMap(({ calls }) => calls)).toHaveLength(20)
  expect(sent.length).toBeGreaterThan(1)
  for (const { url: address } of sent) expect(address.href.length).toBeLessThanOrEqual(6000)
})

test('a query that does not fit in an address is LIMIT_EXCEEDED and is not sent', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  const tagsOf = (length: number) => ({ filter: { tags: { any: Array<string>(50).fill('я'.repeat(length)) } } })
  expect(await failure(client.tasks.list.query(tagsOf(50)))).toMatchObject({
    appCode: 'LIMIT_EXCEEDED',
    retryable: false,
    requestId: '',
    message: expect.stringContaining('narrow the filter'),
  })
  expect(sent).toHaveLength(0)
  // Around the limit a query is either sent or LIMIT_EXCEEDED: never refused by tRPC itself, which would be NETWORK.
  const outcomes = new Set<string>()
  for (let length = 1; length <= LIMITS.search; length++) {
    const filter = { tags: { any: Array<string>(44).fill('я'.repeat(20)) }, search: 'a'.repeat(length) }
    outcomes.add(
      await client.tasks.list.query({ filter }).then(
        () => 'sent',
        (error: unknown) => failureOf(error).appCode,
      ),
    )
  }
  expect([...outcomes]).toEqual(['sent', 'LIMIT_EXCEEDED'])
})

test('each request names the contract of the client', async () => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url, fetch }).system.health.query()
  expect(sent[0]?.headers.get('x-taskwire-contract')).toBe(CONTRACT_HEADER)
  expect(CONTRACT_HEADER).toMatch(/^\d+\.\d+\.\d+; hash=[0-9a-f]{16}$/)
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
  // As localStorage.getItem() returns it.
  await createClient({ url, token: () => null, fetch }).system.health.query()
  expect(sent.map(({ headers }) => headers.has('authorization'))).toEqual([false, false])
})

test('actingAs is sent as the user of a service key', async () => {
  const { fetch, sent } = fakeFetch(echo)
  await createClient({ url, token: 'key', actingAs: id, fetch }).tasks.list.query()
  expect(sent[0]?.headers.get('x-taskwire-user')).toBe(id)
  expect(sent[0]?.headers.has('x-taskwire-space')).toBe(false)
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
  ['localhost:4000', 'is not an address'],
  ['tasks.example.com', 'is not an address'],
  ['ftp://example.com', 'is not an address'],
  ['undefined', 'is not an address'],
  ['http://', 'is not an address'],
  ['https://tasks example.com', 'is not an address'],
  ['https://me:secret@tasks.example.com', 'contains a user name or a password'],
  ['https://tasks.example.com/?key=a', 'has a query'],
  ['/tasks#top', 'has a query'],
])('createClient refuses a url that is not a service address, and says what to give: %s', async (address, reason) => {
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

test('an error of the whole request rejects each of its calls', async () => {
  const { error } = refused('UNAUTHENTICATED') as { error: { message: string; data: object } }
  // Before it has read a call, the service replies without JSON-RPC's number.
  const { fetch, sent } = fakeFetch(() =>
    Response.json({ error: { message: error.message, data: error.data } }, { status: 401 }),
  )
  const client = createClient({ url, fetch })
  const failures = await Promise.all([failure(client.me.get.query()), failure(client.tasks.list.query())])
  for (const each of failures)
    expect(each).toMatchObject({ appCode: 'UNAUTHENTICATED', httpStatus: 401, message: 'refused: UNAUTHENTICATED' })
  expect(sent).toHaveLength(1)
})

test.each([
  [CONTRACT_HEADER, /^The service has no procedure tasks\.clear\..* has version 1\.0\.0 .* for 1\.0\.0, .*spelt right/],
  [
    '1.3.0; hash=0123456789abcdef',
    /no procedure tasks\.clear\..* has version 1\.3\.0 .* for 1\.0\.0: update the older/,
  ],
  [
    '2.0.0; hash=0123456789abcdef',
    /^tasks\.clear: .* has version 2\.0\.0 .* for 1\.0\.0: use the client of the same major/,
  ],
  [undefined, /^tasks\.clear: refused: CONTRACT_MISMATCH .* for version 1\.0\.0/],
])('CONTRACT_MISMATCH names the missing procedure, both versions and what to do: %s', async (served, message) => {
  const headers: HeadersInit = served === undefined ? {} : { 'x-taskwire-contract': served }
  const { fetch } = fakeFetch(({ calls }) =>
    Response.json(
      calls.map(({ path }) => (path === 'tasks.clear' ? refused('CONTRACT_MISMATCH') : { result: { data: 1 } })),
      { headers },
    ),
  )
  // As plain JavaScript can call it.
  const client = createClient({ url, fetch })
  const { tasks } = client as unknown as { tasks: { clear: { query(): Promise<unknown> } } }
  const [misspelt, other] = await Promise.all([failure(tasks.clear.query()), client.me.get.query()])
  expect(misspelt).toMatchObject({ appCode: 'CONTRACT_MISMATCH', message: expect.stringMatching(message) })
  expect(other).toBe(1)
})

test('CONTRACT_MISMATCH of a whole request and of a stream names the procedure and the version', async () => {
  const { fetch } = fakeFetch(() =>
    Response.json(refused('CONTRACT_MISMATCH'), { status: 412, headers: { 'x-taskwire-contract': '2.0.0' } }),
  )
  const client = createClient({ url, fetch })
  expect(await failure(client.me.get.query())).toMatchObject({ message: expect.stringMatching(/^me\.get: .*2\.0\.0/) })
  expect(await failure(client.changes.follow({ onChange() {} }))).toMatchObject({
    appCode: 'CONTRACT_MISMATCH',
    message: expect.stringMatching(/^changes\.subscribe: .*2\.0\.0/),
  })
})

test.each<[string, () => Response]>([
  ['a page', () => new Response('<html>', { status: 502 })],
  ['half a reply', () => new Response('[{"result":')],
  ['an empty body', () => new Response('')],
  ["another service's JSON", () => Response.json({ message: 'no such host' }, { status: 404 })],
  ['null', () => Response.json(null)],
  ['too few replies', () => Response.json([])],
  ['a reply of no known shape', () => Response.json([{ reply: 1 }])],
  ['an error of no known shape', () => Response.json([{ error: 'down' }])],
])('a response that is not from the service is NETWORK, with its cause: %s', async (_name, answer) => {
  const { fetch } = fakeFetch(answer)
  const call = createClient({ url, fetch, retry: once }).me.get.query()
  expect(await failure(call)).toMatchObject({ appCode: 'NETWORK' })
  await expect(call).rejects.toHaveProperty('cause')
})

test("another service's 4xx error is not retried", async () => {
  const { fetch, sent } = fakeFetch(() => Response.json({ message: 'no such host' }, { status: 404 }))
  await expect(createClient({ url, fetch }).me.get.query()).rejects.toMatchObject({ cause: { httpStatus: 404 } })
  expect(sent).toHaveLength(1)
})

test('a lost connection has the error of fetch as its cause', async () => {
  const { fetch } = fakeFetch(cut)
  await expect(createClient({ url, fetch, retry: once }).me.get.query()).rejects.toMatchObject({
    message: 'fetch failed',
    cause: { name: 'TypeError', cause: { message: 'ECONNRESET' } },
  })
})

test("a proxy's page is NETWORK with its status", async () => {
  const { fetch } = fakeFetch(page(502))
  await expect(createClient({ url, fetch, retry: once }).me.get.query()).rejects.toMatchObject({
    message: 'The response with status 502 is not a valid Taskwire response',
    cause: { name: 'UnreadableResponse', cause: { name: 'SyntaxError' } },
  })
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
