import { LIMITS } from '@taskwire/contract/limits'
import { expect, test, vi } from 'vitest'
import { type ClientOptions, createClient, failureOf } from './index.ts'
import { cut, echo, fakeFetch, refused, type Sent } from './testing/fake-fetch.ts'

/** Creates a service that responds when the test says so, and its client. */
function slowService(options: Partial<ClientOptions> = {}) {
  const pending: (() => void)[] = []
  let most = 0
  const { fetch, sent } = fakeFetch(
    (request) =>
      new Promise((resolve, reject) => {
        const answer = (): void => {
          pending.splice(pending.indexOf(answer), 1)
          resolve(echo(request))
        }
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason as Error))
        most = Math.max(most, pending.push(answer))
      }),
  )
  const client = createClient({ url: 'http://service', token: 'token', fetch, ...options })
  return {
    client,
    sent,
    pending,
    /** The most requests at a time. */
    get most() {
      return most
    },
    /** Responds to the oldest request. */
    answer: () => pending[0]?.(),
  }
}
const settled = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve))
const titlesOf = (sent: Sent[]) =>
  sent.flatMap(({ calls }) => calls.map(({ input }) => (input as { title: string }).title))
const titles = (count: number, first = 0) => Array.from({ length: count }, (_, n) => `Task ${first + n}`)
const codeOf = async (call: Promise<unknown>) =>
  await call.then(
    () => 'succeeded',
    (error: unknown) => failureOf(error).appCode,
  )

test('a thousand mutations of one tick are sent in order, a few requests at a time', async () => {
  // Like the real service: one mutation runs, 500 wait, and further ones are refused.
  let inside = 0
  let most = 0
  const { fetch, sent } = fakeFetch(async ({ calls }) => {
    const answers = calls.map(({ input }) => (inside++ > 500 ? refused('OVERLOADED') : { result: { data: input } }))
    most = Math.max(most, inside)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= calls.length
    return Response.json(answers)
  })
  const client = createClient({ url: 'http://service', fetch, retry: { attempts: 1 } })
  const replies = await Promise.all(titles(1000).map((title) => client.tasks.create.mutate({ title })))
  expect(replies.map(({ title }) => title)).toEqual(titles(1000))
  expect(titlesOf(sent)).toEqual(titles(1000))
  expect(sent.map(({ calls }) => calls.length)).toEqual(Array(20).fill(LIMITS.batch))
  expect(most).toBe(50)
})

test('at most two requests of mutations and four of queries are in flight, and neither waits for the other', async () => {
  const service = slowService()
  const calls: Promise<unknown>[] = []
  for (const title of titles(10)) {
    calls.push(service.client.tasks.create.mutate({ title }), service.client.tasks.list.query())
    // So each call is made in a tick of its own.
    await settled()
    await settled()
  }
  const countsOf = (wanted: string): number[] =>
    service.sent.filter(({ method }) => method === wanted).map(({ calls: { length } }) => length)
  expect(countsOf('POST')).toEqual([1, 1])
  expect(countsOf('GET')).toEqual([1, 1, 1, 1])
  for (let request = 0; request < 8; request++) {
    service.answer()
    await settled()
  }
  await Promise.all(calls)
  // The calls that waited share a request.
  expect(countsOf('POST')).toEqual([1, 1, 8])
  expect(countsOf('GET')).toEqual([1, 1, 1, 1, 6])
  expect(service.most).toBe(6)
})

test('at most 100 queries are in flight', async () => {
  const service = slowService()
  const calls = Array.from({ length: 210 }, async () => await service.client.tasks.list.query())
  await settled()
  expect(service.sent.map(({ calls: { length } }) => length)).toEqual([50, 50])
  for (let request = 0; request < 5; request++) {
    service.answer()
    await settled()
  }
  await Promise.all(calls)
  expect(service.sent.map(({ calls: { length } }) => length)).toEqual([50, 50, 50, 50, 10])
})

test('a call that is aborted while it waits is never sent; the others are', async () => {
  const service = slowService()
  const before = titles(50).map(async (title) => await service.client.tasks.create.mutate({ title }))
  const controller = new AbortController()
  const waiting = titles(20, 50).map(
    async (title, n) =>
      await codeOf(service.client.tasks.create.mutate({ title }, n % 2 === 0 ? { signal: controller.signal } : {})),
  )
  await settled()
  expect(service.sent).toHaveLength(1)
  controller.abort()
  expect(await Promise.all(waiting.filter((_, n) => n % 2 === 0))).toEqual(Array(10).fill('ABORTED'))
  service.answer()
  await Promise.all(before)
  await settled()
  service.answer()
  expect(await Promise.all(waiting.filter((_, n) => n % 2 === 1))).toEqual(Array(10).fill('succeeded'))
  expect(titlesOf(service.sent)).toEqual([...titles(50), ...titles(20, 50).filter((_, n) => n % 2 === 1)])
})

test('the timeout of a call starts when it is sent, not while it waits', async () => {
  vi.useFakeTimers()
  try {
    const service = slowService({ timeoutMs: 1000, retry: { attempts: 1 } })
    const calls = titles(100).map(async (title) => await codeOf(service.client.tasks.create.mutate({ title })))
    await vi.advanceTimersByTimeAsync(900)
    expect(service.sent).toHaveLength(1)
    service.answer()
    // The last fifty calls have waited for 900 ms; their own 1000 ms begin now.
    await vi.advanceTimersByTimeAsync(900)
    expect(service.sent).toHaveLength(2)
    service.answer()
    expect(await Promise.all(calls)).toEqual(Array(100).fill('succeeded'))
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('the next request is sent after one that fails or times out', async () => {
  const { fetch, sent } = fakeFetch(cut, echo)
  const client = createClient({ url: 'http://service', fetch, retry: { attempts: 1 } })
  const codes = await Promise.all(titles(100).map(async (title) => await codeOf(client.tasks.create.mutate({ title }))))
  expect(codes).toEqual([...Array<string>(50).fill('NETWORK'), ...Array<string>(50).fill('succeeded')])
  expect(sent).toHaveLength(2)

  // The same with a fetch that ignores signals.
  let requests = 0
  const clientIgnoringSignals = createClient({
    url: 'http://service',
    retry: { attempts: 1 },
    timeoutMs: 20,
    fetch: async (input, init) => (++requests === 1 ? await new Promise(() => {}) : await fetch(input, init)),
  })
  const late = await Promise.all(
    titles(100).map(async (title) => await codeOf(clientIgnoringSignals.tasks.create.mutate({ title }))),
  )
  expect(late).toEqual([...Array<string>(50).fill('TIMEOUT'), ...Array<string>(50).fill('succeeded')])
})

test('the next request is sent after all calls of a request were aborted', async () => {
  const service = slowService()
  const controller = new AbortController()
  const aborted = titles(50).map(
    async (title) => await codeOf(service.client.tasks.create.mutate({ title }, { signal: controller.signal })),
  )
  const last = codeOf(service.client.tasks.create.mutate({ title: 'last' }))
  await settled()
  expect(service.sent).toHaveLength(1)
  controller.abort()
  expect(await Promise.all(aborted)).toEqual(Array(50).fill('ABORTED'))
  await settled()
  expect(service.sent).toHaveLength(2)
  service.pending.at(-1)?.()
  expect(await last).toBe('succeeded')
})

test('calls that wait for a retry do not delay others', async () => {
  vi.useFakeTimers()
  try {
    const { fetch, sent } = fakeFetch(cut, echo)
    const client = createClient({ url: 'http://service', fetch })
    const first = titles(50).map(async (title) => await client.tasks.create.mutate({ title }))
    const last = client.tasks.create.mutate({ title: 'last' })
    await vi.advanceTimersByTimeAsync(1)
    expect(titlesOf(sent)).toEqual([...titles(50), 'last'])
    await last
    await vi.runAllTimersAsync()
    await Promise.all(first)
    expect(titlesOf(sent.slice(2))).toEqual(titles(50))
  } finally {
    vi.useRealTimers()
  }
})

test('every attempt sends the input as it was when the call was made', async () => {
  const { fetch, sent } = fakeFetch(cut, echo)
  const client = createClient({ url: 'http://service', fetch, retry: { delayMs: 0 } })
  const input = { title: 'Buy milk', tags: ['home'] }
  const call = client.tasks.create.mutate(input)
  input.title = 'Buy bread'
  input.tags.push('shop')
  await call
  const [first, second] = sent.map(({ calls }) => calls[0]?.input)
  expect(first).toMatchObject({ title: 'Buy milk', tags: ['home'] })
  expect(second).toEqual(first)
})
