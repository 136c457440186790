import type { Change } from '@taskwire/contract/change'
import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { type Client, type ClientOptions, createClient, failureOf, type FeedStatus } from './index.ts'
import { refused } from './testing/fake-fetch.ts'

interface Received {
  url: URL
  headers: Headers
  credentials: RequestCredentials | undefined
  signal: AbortSignal | undefined
}
type Answer = Response | ((request: Received) => Response | Promise<Response>)

/** Responds to the first connection with the first answer, and so on; the last answer is used for all further ones. */
function service(answers: Answer[], options: Partial<ClientOptions> = {}): { client: Client; received: Received[] } {
  const received: Received[] = []
  const client = createClient({
    url: 'http://service',
    token: 'secret',
    retry: { delayMs: 1 },
    async fetch(input, init = {}) {
      if (typeof input !== 'string') throw new TypeError('The client calls fetch with a string')
      const { headers, credentials, signal } = init
      const request = { url: new URL(input), headers: new Headers(headers), credentials, signal: signal ?? undefined }
      const answer = answers[Math.min(received.push(request), answers.length) - 1]
      if (answer === undefined) throw new TypeError('There is no answer')
      return typeof answer === 'function' ? await answer(request) : answer
    },
    ...options,
  })
  return { client, received }
}

const change = (revision: number): Change => ({
  revision,
  commit: revision,
  at: '2026-11-22T09:30:00.000Z',
  mutationId: null,
  requestId: null,
  actor: { kind: 'user', userId: 'u', keyId: null },
  action: 'create',
  entity: 'task',
  entityId: `${revision}`,
  before: null,
  after: { title: 'Milch 🥛' },
})
const connected = 'event: connected\ndata: {"reconnectAfterInactivityMs":1}\n\n\n'
const item = (id: number, data: object): string => `data: ${JSON.stringify(data)}\nid: ${id}\n\n\n`
const changed = (revision: number): string => item(revision, { type: 'change', change: change(revision) })
const head = (revision: number): string => item(revision, { type: 'head', revision })

/** An event stream of these texts; `then` is what follows them. */
function stream(texts: readonly (string | Uint8Array)[], then: 'end' | 'break' | 'silence' = 'silence'): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) controller.enqueue(typeof text === 'string' ? encoder.encode(text) : text)
      if (then === 'end') controller.close()
      if (then === 'break') setTimeout(() => controller.error(new TypeError('terminated')))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
}

interface Followed {
  revisions: number[]
  statuses: FeedStatus[]
  last: number | undefined
}

/** Follows until that revision has been processed and the state is live. */
async function follow(client: Client, upTo: number, after?: number): Promise<Followed> {
  const [revisions, statuses]: [number[], FeedStatus[]] = [[], []]
  const stopping = new AbortController()
  const last = await client.changes.follow({
    after,
    signal: stopping.signal,
    onChange: ({ revision }) => void revisions.push(revision),
    onStatus(status) {
      statuses.push(status)
      if (status.state === 'live' && (revisions.at(-1) ?? after ?? 0) >= upTo) stopping.abort()
    },
  })
  return { revisions, statuses, last }
}
const statesOf = ({ statuses }: Followed): string[] =>
  statuses.map((status) => (status.state === 'offline' ? status.cause.appCode : status.state))

test('a connection is opened by follow only, with the credential, the contract and the accepted type', async () => {
  const { client, received } = service([stream([connected, changed(4), head(4)])])
  expect(received).toHaveLength(0)
  expect(await follow(client, 4, 3)).toMatchObject({ revisions: [4], last: 4 })
  const [first] = received
  expect(first?.url.pathname).toBe('/trpc/changes.subscribe')
  expect(JSON.parse(first?.url.searchParams.get('input') ?? '')).toEqual({ after: 3 })
  expect(first?.headers.get('authorization')).toBe('Bearer secret')
  expect(first?.headers.get('accept')).toBe('text/event-stream')
  expect(first?.headers.get('x-taskwire-contract')).toMatch(/^1\./)
  expect(first?.headers.get('last-event-id')).toBeNull()
  expect(first?.credentials).toBeUndefined()
  // The connection is aborted at the end.
  expect(first?.signal?.aborted).toBe(true)
  expect(received).toHaveLength(1)
})

test('without a token a stream sends the cookie', async () => {
  const { client, received } = service([stream([connected, head(0)])], { token: undefined })
  await follow(client, 0)
  expect(received[0]?.credentials).toBe('include')
  expect(received[0]?.headers.get('authorization')).toBeNull()
})

test.each([1, 2, 3, 7, 64])(
  'a stream is read in slices of %i bytes, which cut characters, and with CRLF',
  async (size) => {
    for (const newline of ['\n', '\r\n']) {
      const text = `retry: 1000\n\n${connected}: a comment\n\n${changed(1)}event: ping\ndata:\n\n${changed(2)}${head(2)}`
      const bytes = new TextEncoder().encode(text.replaceAll('\n', newline))
      const slices = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.slice(n * size, (n + 1) * size),
      )
      const { client } = service([stream(slices)])
      expect((await follow(client, 2, 0)).revisions).toEqual([1, 2])
    }
  },
)

/** Sends the event after the requested id, and then ends or breaks the connection. */
const oneByOne =
  (how: 'end' | 'break', first: number, last: number): Answer =>
  ({ headers }) => {
    const id = headers.get('last-event-id')
    if (id === null) return stream([connected, head(first)], how)
    const next = Number(id) + 1
    return next < last
      ? stream([connected, changed(next)], how)
      : stream([connected, ...(next === last ? [changed(last)] : []), head(last)])
  }

test.each(['end', 'break'] as const)(
  'after each %s it resumes after the last event, also if it started from now',
  async (how) => {
    const { client, received } = service([oneByOne(how, 5, 12)])
    const followed = await follow(client, 12)
    expect(followed).toMatchObject({ revisions: [6, 7, 8, 9, 10, 11, 12], last: 12 })
    expect(received[0]?.headers.get('last-event-id')).toBeNull()
    expect(received.at(-1)?.headers.get('last-event-id')).toBe('11')
    expect(statesOf(followed).filter((state) => state === 'NETWORK').length).toBe(received.length - 1)
  },
)

test('an event that was cut off at any place is delivered after reconnecting', async () => {
  const whole = changed(6)
  for (let length = 1; length < whole.length - 1; length++) {
    const { client, received } = service([
      stream([connected, changed(5), whole.slice(0, length)], 'end'),
      ({ headers }) => stream([connected, ...(headers.get('last-event-id') === '5' ? [changed(6)] : []), head(6)]),
    ])
    expect((await follow(client, 6, 4)).revisions).toEqual([5, 6])
    expect(received).toHaveLength(2)
  }
})

test('Changes that come again and items of unknown types are ignored', async () => {
  // The last one has a field of a known type, `change`.
  const unknown = [
    item(3, { type: 'account' }),
    item(3, { type: 'presence', who: 'Ada', revision: 3 }),
    item(3, { type: 'ended', spaceId: 'a', appCode: 'NOT_FOUND', change: change(3) }),
  ]
  const { client } = service([
    stream([connected, changed(1), changed(2), changed(1), changed(2), ...unknown, changed(4), head(4)]),
  ])
  const followed = await follow(client, 4, 0)
  expect(followed.revisions).toEqual([1, 2, 4])
  expect(statesOf(followed)).toEqual(['catchingUp', 'live'])
})

test('a stream that ends with a retryable error reconnects after the time that the service names', async () => {
  const ends = `event: serialized-error\ndata: ${JSON.stringify((refused('UNAVAILABLE', { retryAfterMs: 20 }) as { error: object }).error)}\n\n\n`
  const limited = ends.replaceAll('UNAVAILABLE', 'RATE_LIMITED').replaceAll('SERVICE_UNAVAILABLE', 'TOO_MANY_REQUESTS')
  const { client, received } = service([
    stream([connected, changed(1), head(1), ends], 'end'),
    stream([connected, limited], 'end'),
    stream([connected, changed(2), head(2)]),
  ])
  const followed = await follow(client, 2, 0)
  expect(statesOf(followed)).toEqual([
    'catchingUp',
    'live',
    'UNAVAILABLE',
    'catchingUp',
    'RATE_LIMITED',
    'catchingUp',
    'live',
  ])
  expect(received).toHaveLength(3)
  const [, , offline] = followed.statuses
  expect(offline?.since).toBeInstanceOf(Date)
})

test('while the feed stays offline, since does not change', async () => {
  const down = (): Response => new Response('<html>Bad Gateway</html>', { status: 502 })
  const { client } = service([down, down, down, stream([connected, head(0)])])
  const followed = await follow(client, 0)
  const offline = followed.statuses.filter(({ state }) => state === 'offline')
  expect(offline).toHaveLength(3)
  expect(new Set(offline.map(({ since }) => since)).size).toBe(1)
  expect(offline[0]).toMatchObject({ cause: { appCode: 'NETWORK', retryable: true } })
})

test('errors that are not retryable end the feed, of the request and in the stream', async () => {
  const json = (appCode: string): Response => Response.json(refused(appCode), { status: 401 })
  const inStream = (appCode: string): Response =>
    stream([
      `${connected}event: serialized-error\ndata: ${JSON.stringify((refused(appCode) as { error: object }).error)}\n\n\n`,
    ])
  const answers: [Response, string][] = [
    [json('UNAUTHENTICATED'), 'UNAUTHENTICATED'],
    [json('CONTRACT_MISMATCH'), 'CONTRACT_MISMATCH'],
    [inStream('RESYNC_REQUIRED'), 'RESYNC_REQUIRED'],
    [inStream('FORBIDDEN'), 'FORBIDDEN'],
    [new Response('<html>Not Found</html>', { status: 404 }), 'NETWORK'],
  ]
  for (const [answer, appCode] of answers) {
    const { client, received } = service([answer])
    const error: unknown = await follow(client, 1).catch((thrown: unknown) => thrown)
    expect([failureOf(error).appCode, failureOf(error).retryable]).toEqual([appCode, false])
    expect(received).toHaveLength(1)
  }
})

test('a response that is not an event stream is NETWORK', async () => {
  const { client, received } = service([new Response('ok'), stream([connected, head(0)])])
  expect(statesOf(await follow(client, 0))).toEqual(['catchingUp', 'NETWORK', 'catchingUp', 'live'])
  expect(received).toHaveLength(2)
})

test('token() is called for each connection, and again after a retryable failure', async () => {
  const tokens: (string | Error)[] = [
    'one',
    new TypeError('fetch failed'),
    Object.assign(new Error('not yet'), { retryable: true }),
    'two',
  ]
  const { client, received } = service(
    [stream([connected, head(0)], 'end'), stream([connected, changed(1), head(1)])],
    {
      async token() {
        const token = tokens.shift()
        if (typeof token !== 'string') throw token
        return token
      },
    },
  )
  expect(statesOf(await follow(client, 1))).toEqual([
    'catchingUp',
    'live',
    'NETWORK',
    'TOKEN',
    'TOKEN',
    'catchingUp',
    'live',
  ])
  expect(received.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer one', 'Bearer two'])
})

test('a request that cannot be sent ends the feed', async () => {
  const expired = new Error('the refresh token has ended')
  const after = 12n as unknown as number
  const cases: [Partial<ClientOptions>, number | undefined, string][] = [
    [{ token: () => Promise.reject(expired) }, undefined, 'TOKEN'],
    [{ token: 'a\nb' }, undefined, 'UNAUTHENTICATED'],
    [{ token: () => 'ключ' }, undefined, 'UNAUTHENTICATED'],
    [{ actingAs: 'a\nb' }, undefined, 'FORBIDDEN'],
    [{}, after, 'VALIDATION'],
  ]
  for (const [options, from, appCode] of cases) {
    const { client, received } = service([stream([connected, head(0)])], options)
    const error: unknown = await follow(client, 0, from).catch((thrown: unknown) => thrown)
    expect(failureOf(error)).toMatchObject({ appCode, retryable: false })
    expect(received).toHaveLength(0)
  }
  const { client } = service([stream([connected, head(0)], 'end')], {
    token: vi.fn<() => Promise<string>>().mockResolvedValueOnce('one').mockRejectedValue(expired),
  })
  const statuses: string[] = []
  const following = client.changes.follow({ onChange() {}, onStatus: ({ state }) => void statuses.push(state) })
  await expect(following).rejects.toMatchObject({ appCode: 'TOKEN', cause: expired })
  expect(statuses).toEqual(['catchingUp', 'live', 'offline'])
})

test('a connection that is silent, or never responds, is replaced', async () => {
  const never = ({ signal }: Received): Promise<Response> =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
  const { client, received } = service(
    [never, stream([connected, head(0)]), stream([connected, changed(1), head(1)])],
    {
      timeoutMs: 20,
    },
  )
  const stopping = new AbortController()
  const causes: string[] = []
  await client.changes.follow({
    silentMs: 30,
    signal: stopping.signal,
    onChange: () => stopping.abort(),
    onStatus: (status) => void (status.state === 'offline' && causes.push(status.cause.message)),
  })
  expect(causes).toEqual(['No response within 20 ms', 'No response within 30 ms'])
  expect(received[0]?.signal?.aborted).toBe(true)
})

test('a client without a timeout can follow', async () => {
  const { client } = service([stream([connected, changed(1), head(1)])], { timeoutMs: Infinity })
  expect((await follow(client, 1, 0)).revisions).toEqual([1])
})

test('subscribe delivers items with their ids, by callbacks and by iterating', async () => {
  const { client } = service([() => stream([connected, changed(1), head(1)])])
  const first = await new Promise((resolve) => {
    const subscription = client.changes.subscribe.subscribe(undefined, {
      onData(event) {
        subscription.unsubscribe()
        resolve(event)
      },
    })
  })
  expect(first).toEqual({ id: '1', data: { type: 'change', change: change(1) } })
  const types: string[] = []
  for await (const { data } of client.changes.subscribe.subscribe({ after: 0 })) {
    types.push(data.type)
    if (data.type === 'head') break
  }
  expect(types).toEqual(['change', 'head'])
})

test('each Change waits until the one before has been processed', async () => {
  const { client } = service([stream([connected, changed(1), changed(2), changed(3), head(3)])])
  const log: string[] = []
  const stopping = new AbortController()
  const last = await client.changes.follow({
    after: 0,
    signal: stopping.signal,
    async onChange({ revision }) {
      log.push(`begins ${revision}`)
      await new Promise((resolve) => setImmediate(resolve))
      log.push(`ends ${revision}`)
      // A Change whose processing has begun is finished, and counts.
      if (revision === 3) stopping.abort()
    },
  })
  expect(log).toEqual([1, 2, 3].flatMap((n) => [`begins ${n}`, `ends ${n}`]))
  expect(last).toBe(3)
})

test('600 short feeds leave nothing open, whenever they end', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  try {
    let [opened, cancelled] = [0, 0]
    const signals: AbortSignal[] = []
    // Responds late, even to a feed that has ended, and ignores signals.
    const { client } = service(
      [
        async ({ signal }) => {
          if (signal) signals.push(signal)
          for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
          opened++
          return new Response(
            new ReadableStream({
              start: (controller) => controller.enqueue(new TextEncoder().encode(connected + head(0))),
              cancel: () => void cancelled++,
            }),
            { headers: { 'content-type': 'text/event-stream' } },
          )
        },
      ],
      {
        async token() {
          await new Promise(setImmediate)
          return 'secret'
        },
      },
    )
    const outer = new AbortController()
    for (let n = 0; n < 600; n++) {
      const stopping = new AbortController()
      const signal = n % 2 === 0 ? stopping.signal : AbortSignal.any([stopping.signal, outer.signal])
      const following = client.changes.follow({ onChange() {}, signal })
      for (let turn = 0; turn < n % 12; turn++) await (n % 3 === 0 ? Promise.resolve() : new Promise(setImmediate))
      stopping.abort()
      await following
      expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    }
    const aborted = client.changes.follow({ onChange() {}, signal: AbortSignal.abort() })
    expect(await aborted).toBeUndefined()
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(vi.getTimerCount()).toBe(0)
    expect(signals.length).toBeGreaterThan(100)
    expect(signals.filter((signal) => !signal.aborted)).toEqual([])
    expect(opened).toBe(signals.length)
    expect(cancelled).toBe(opened)
  } finally {
    vi.useRealTimers()
  }
})
