import { expect, test } from 'vitest'
import { refused } from './testing/fake-fetch.ts'
import {
  type Answer,
  service,
  change,
  connected,
  item,
  changed,
  head,
  stream,
  follow,
  statesOf,
} from './testing/fake-streams.ts'

test('only follow opens a connection, with the credential, the contract and the accepted type', async () => {
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
  'a stream is read correctly in slices of %i bytes, which split characters, also with CRLF',
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
  'after each %s of a connection the feed resumes after the last event, even if it began without `after`',
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

test.each([Number.NaN, 0])('silentMs of %d is refused, and nothing is sent', async (silentMs) => {
  const { client, received } = service([stream([connected, head(0)])])
  await expect(client.changes.follow({ onChange() {}, silentMs, signal: AbortSignal.timeout(200) })).rejects.toThrow(
    `silentMs is ${silentMs}; it must be at least 1`,
  )
  expect(received).toEqual([])
})

test('repeated Changes and items of unknown types are ignored', async () => {
  // The last of these items has the field `change`, like items of the type `change`.
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

test('after a retryable error in the stream, the feed reconnects when the service says so', async () => {
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

test('subscribe delivers items with their ids', async () => {
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
  await new Promise<void>((resolve) => {
    const subscription = client.changes.subscribe.subscribe(
      { after: 0 },
      {
        onData({ data }) {
          types.push(data.type)
          if (data.type === 'head') resolve(subscription.unsubscribe())
        },
      },
    )
  })
  expect(types).toEqual(['change', 'head'])
})

test('onChange is called with a Change only after the previous Change has been processed', async () => {
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
      // A Change that is being processed when the feed ends is finished, and is the last one.
      if (revision === 3) stopping.abort()
    },
  })
  expect(log).toEqual([1, 2, 3].flatMap((n) => [`begins ${n}`, `ends ${n}`]))
  expect(last).toBe(3)
})
