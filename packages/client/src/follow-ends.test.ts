import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { type ClientOptions, failureOf } from './index.ts'
import { refused } from './testing/fake-fetch.ts'
import { type Received, service, connected, changed, head, stream, follow, statesOf } from './testing/fake-streams.ts'

test('an error that is not retryable ends the feed, whether it refuses the request or comes in the stream', async () => {
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

test('the feed reconnects after a response that is not an event stream, with NETWORK as the cause', async () => {
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

const tokenEnded = `event: serialized-error\ndata: ${JSON.stringify((refused('UNAUTHENTICATED') as { error: object }).error)}\n\n\n`

test('when its token ends, a stream goes on with the next one of token()', async () => {
  const token = vi.fn<() => string>().mockReturnValueOnce('one').mockReturnValueOnce('two')
  const answers = [stream([connected, head(0), tokenEnded]), stream([connected, changed(1), head(1)])]
  const { client, received } = service(answers, { token })
  expect(statesOf(await follow(client, 1))).toEqual(['catchingUp', 'live', 'UNAUTHENTICATED', 'catchingUp', 'live'])
  expect(received.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer one', 'Bearer two'])
})

test.each<[string, ClientOptions['token'], string[]]>([
  ['a token that cannot change', 'one', [tokenEnded]],
  ['a next token that is refused too', () => 'one', [tokenEnded, connected + tokenEnded]],
])('a stream ends with %s', async (_, token, [first = '', ...others]) => {
  const answers = [stream([connected, head(0), first]), ...others.map((text) => stream([text]))]
  const { client, received } = service(answers, { token })
  const error: unknown = await follow(client, 1).catch((thrown: unknown) => thrown)
  expect(failureOf(error)).toMatchObject({ appCode: 'UNAUTHENTICATED', retryable: false })
  expect(received).toHaveLength(answers.length)
})

test('a request that cannot be sent ends the feed', async () => {
  const expired = new Error('the refresh token has expired')
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

test('the feed replaces a connection that is silent, and one that gets no response', async () => {
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

test('600 short feeds leave nothing open, whenever they end', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  try {
    let [opened, cancelled] = [0, 0]
    const signals: AbortSignal[] = []
    // This service responds late, even to a feed that has ended, and its fetch ignores signals.
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
