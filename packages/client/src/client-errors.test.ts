import { afterEach, expect, test, vi } from 'vitest'
import { createClient, failureOf, signIn } from './index.ts'
import { cut, fakeFetch, page, refused } from './testing/fake-fetch.ts'
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

test('an error of the whole request rejects each of its calls', async () => {
  const { error } = refused('UNAUTHENTICATED') as { error: { message: string; data: object } }
  // The service refused the request before it read the calls: its reply has no JSON-RPC code.
  const { fetch, sent } = fakeFetch(() =>
    Response.json({ error: { message: error.message, data: error.data } }, { status: 401 }),
  )
  const client = createClient({ url, fetch })
  const failures = await Promise.all([failure(client.me.get.query()), failure(client.tasks.list.query())])
  for (const each of failures)
    expect(each).toMatchObject({ appCode: 'UNAUTHENTICATED', httpStatus: 401, message: 'refused: UNAUTHENTICATED' })
  expect(sent).toHaveLength(1)
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
])('a call whose response is not from the service rejects with NETWORK and a cause: %s', async (_name, answer) => {
  const { fetch } = fakeFetch(answer)
  const call = createClient({ url, fetch, retry: once }).me.get.query()
  expect(await failure(call)).toMatchObject({ appCode: 'NETWORK' })
  await expect(call).rejects.toHaveProperty('cause')
})

test('a call is not retried after a 4xx error of another service', async () => {
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

test("a call whose response is a proxy's page rejects with NETWORK and the page's status", async () => {
  const { fetch } = fakeFetch(page(502))
  await expect(createClient({ url, fetch, retry: once }).me.get.query()).rejects.toMatchObject({
    message: 'The response with status 502 is not a valid Taskwire response',
    cause: { name: 'UnreadableResponse', cause: { name: 'SyntaxError' } },
  })
})

const advice = /^fetch failed\. If the service is running, add https:\/\/app\.example\.com to its ALLOWED_ORIGINS$/
test.each([
  ['of another origin', 'https://app.example.com', 'http://service', advice],
  ['of the same origin', 'https://app.example.com', 'https://app.example.com/tasks', /^fetch failed$/],
  ['of the same origin, with a relative url', 'https://app.example.com', '/tasks', /^fetch failed$/],
  ['that is a file', 'null', 'http://service', /^fetch failed$/],
])('the message of a fetch without a response, in a page %s', async (_what, origin, address, message) => {
  vi.stubGlobal('location', { origin })
  const { fetch } = fakeFetch(cut)
  const client = createClient({ url: address, fetch, retry: once })
  const expected = { appCode: 'NETWORK', retryable: true, message: expect.stringMatching(message) as string }
  expect(await failure(client.me.get.query())).toMatchObject(expected)
  expect(await failure(signIn({ url: address, fetch, email: '', password: '' }))).toMatchObject(expected)
})
