import { deepStrictEqual } from 'node:assert'
import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Change, Client, FeedStatus, FollowOptions } from '@taskwire/client'
import { change as changeSchema, feedItem } from '@taskwire/contract'

/** One event as it is on the wire. */
export interface WireEvent {
  event: string
  id: string | undefined
  data: unknown
}

/** A stream as it is on the wire. */
export interface RawStream extends Disposable {
  status: number
  headers: IncomingHttpHeaders
  /** All that came so far. */
  text(): string
  /** The next event that has this name; rejects when the stream ends before. */
  next(event?: string): Promise<WireEvent>
  /** Resolves when the other side has ended it, with whether that was in order. */
  ended: Promise<'ended' | 'cut'>
  /** Takes nothing more from the connection. */
  pause(): void
  resume(): void
}

/** Opens a stream with nothing between it and the wire. */
export async function openRaw(
  url: string,
  headers: Record<string, string>,
  input?: unknown,
  path = 'changes.subscribe',
): Promise<RawStream> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  const { promise, resolve, reject } = Promise.withResolvers<RawStream>()
  const sent = request(`${url}/trpc/${path}${query}`, { headers, agent: false }, (response) => {
    let text = ''
    let read = 0
    let over: 'ended' | 'cut' | undefined
    const ended = Promise.withResolvers<'ended' | 'cut'>()
    let heard = (): void => {}
    const end = (how: 'ended' | 'cut'): void => {
      over ??= how
      ended.resolve(over)
      heard()
    }
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      heard()
    })
    response.on('end', () => end('ended'))
    response.on('error', () => end('cut'))
    response.on('close', () => end('cut'))
    resolve({
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: () => text,
      ended: ended.promise,
      pause: () => void response.pause(),
      resume: () => void response.resume(),
      async next(wanted) {
        for (;;) {
          for (let stop = text.indexOf('\n\n', read); stop >= 0; stop = text.indexOf('\n\n', read)) {
            const event = parse(text.slice(read, stop))
            read = stop + 2
            if (event !== undefined && (wanted === undefined || event.event === wanted)) return event
          }
          if (over !== undefined) throw new Error(`The stream ${over}: ${text.slice(-500)}`)
          await new Promise<void>((again) => (heard = again))
        }
      },
      [Symbol.dispose]: () => void sent.destroy(),
    })
  })
  sent.on('error', reject).end()
  return await promise
}

function parse(block: string): WireEvent | undefined {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
  )
  const data = fields.get('data')
  if (data === undefined) return undefined
  const event = fields.get('event') ?? 'message'
  const parsed: unknown = data === '' ? '' : JSON.parse(data)
  // A schema leaves unknown fields out, so nothing may be left out.
  if (event === 'message') deepStrictEqual(feedItem.parse(parsed), parsed)
  return { event, id: fields.get('id'), data: parsed }
}

/** Follows by the real client, and keeps what came. */
export interface Follower extends AsyncDisposable {
  readonly revisions: number[]
  readonly changes: Change[]
  readonly statuses: FeedStatus[]
  /** Resolves when that revision has been processed, or what the feed failed with is thrown. */
  reached(revision: number): Promise<void>
  /** Resolves when it is in that state, now or later. */
  is(state: FeedStatus['state']): Promise<FeedStatus>
  /** What it ended with. */
  ended: Promise<number | undefined>
  /** Ends it; gives the last revision that was processed. */
  stop(): Promise<number | undefined>
}

export function startFollower(client: Client, options: Omit<FollowOptions, 'onChange' | 'signal'> = {}): Follower {
  const stopping = new AbortController()
  const changes: Change[] = []
  const statuses: FeedStatus[] = []
  const heard = new Set<() => void>()
  const tell = (): void => {
    for (const listener of heard) listener()
  }
  const ended = client.changes.follow({
    ...options,
    signal: stopping.signal,
    onStatus(status) {
      statuses.push(status)
      options.onStatus?.(status)
      tell()
    },
    // Some wait, so that one that is not awaited would be seen.
    async onChange(change) {
      if (change.revision % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
      deepStrictEqual(changeSchema.parse(change), change)
      changes.push(change)
      tell()
    },
  })
  ended.catch(() => {})
  async function when<T>(found: () => T | undefined): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>()
    const look = (): void => {
      const value = found()
      if (value !== undefined) resolve(value)
    }
    heard.add(look)
    look()
    try {
      return await Promise.race([
        promise,
        ended.then((last): never => {
          throw new Error(`The feed ended at ${last}`)
        }),
      ])
    } finally {
      heard.delete(look)
    }
  }
  const stop = async (): Promise<number | undefined> => {
    stopping.abort()
    return await ended
  }
  return {
    get revisions() {
      return changes.map(({ revision }) => revision)
    },
    changes,
    statuses,
    reached: async (revision) =>
      void (await when(() => ((changes.at(-1)?.revision ?? 0) >= revision ? true : undefined))),
    is: async (state) =>
      await when(() => {
        const now = statuses.at(-1)
        return now?.state === state ? now : undefined
      }),
    ended,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop().catch(() => {})),
  }
}

/** A TCP hop that plays a bad network, for what is not PostgreSQL's. */
export interface Hop extends AsyncDisposable {
  url: string
  readonly open: number
  /** Resets every connection there is. */
  reset(): void
  /** Those there are stay open, and nothing passes any more; new ones pass. */
  freeze(): void
  /** Nothing passes, on new ones neither, until it is lifted. */
  blackHole(): void
  lift(): void
  /** New connections go there. */
  to(target: string): void
}

export async function startHop(target: string): Promise<Hop> {
  let to = new URL(target)
  const pairs = new Set<[Socket, Socket]>()
  let hole = false
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname)
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    for (const socket of pair)
      socket
        .on('error', () => {})
        .on('close', () => {
          pairs.delete(pair)
          near.destroy()
          far.destroy()
        })
    if (hole) return
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const freeze = (): void => {
    for (const [near, far] of pairs) {
      near.unpipe(far).pause()
      far.unpipe(near).pause()
    }
  }
  return {
    // A TCP server's address is never a string.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return pairs.size
    },
    reset() {
      for (const [near] of pairs) near.resetAndDestroy()
    },
    freeze,
    blackHole() {
      hole = true
      freeze()
    },
    lift() {
      hole = false
    },
    to(next) {
      to = new URL(next)
    },
    async [Symbol.asyncDispose]() {
      for (const [near, far] of pairs) {
        near.destroy()
        far.destroy()
      }
      server.close()
      await once(server, 'close')
    },
  }
}

/** A figure of the metrics, of all its labels together. */
export async function metric(url: string, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && line.includes(labels) && !line.startsWith('#'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

/** Asks until it is so: for what nothing tells of. The test's own limit ends it. */
export async function until(so: () => Promise<boolean>): Promise<void> {
  while (!(await so())) await new Promise((resolve) => setTimeout(resolve, 10))
}
