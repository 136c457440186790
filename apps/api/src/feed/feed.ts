import { LIMITS } from '@taskwire/contract'
import { type Address, type Caller, type Database, newsOf, startListener, watchStatement } from '@taskwire/db'
import { readChanges, readHead, type ReadPage } from '../procedures/changes/read-changes.ts'
import type { Reader } from '../procedures/read.ts'
import { AppError, toAppError } from '../errors.ts'
import { credentialKey } from '../limits/known-callers.ts'
import { createConcurrencyLimit } from '../limits/concurrency-limit.ts'
import { createBurst } from './burst.ts'
import { createNotifier } from './notifier.ts'
import type { Stream } from './stream.ts'

/** How the streams of a process keep time; all have defaults, which tests shorten. */
export interface FeedTimes {
  /** A stream with nothing to tell sends its head after so many milliseconds. */
  heartbeatMs: number
  /** One question to the database for all streams: who may not read any more, and whose space has moved on. */
  watchMs: number
  /** Wake-ups, and NOTIFYs, come at most once in so many milliseconds. */
  burstMs: number
  /** A connection that takes nothing for as long is hung up on. */
  stuckMs: number
  /** A database that has been away for as long ends the streams: what they say would be worth nothing. */
  awayMs: number
  /** A listener that does not answer for as long is replaced. */
  listenerPingMs: number
}

export const FEED_TIMES: FeedTimes = {
  heartbeatMs: LIMITS.streamHeartbeatMs,
  watchMs: 2000,
  burstMs: 20,
  stuckMs: 60_000,
  awayMs: 10_000,
  listenerPingMs: 5000,
}

/** What has happened to the streams of this process, for the metrics. */
export interface FeedEvents {
  onWake(by: 'here' | 'notify' | 'poll', users: number): void
  onWatched(outcome: 'ok' | 'failed'): void
  onNotified(outcome: 'ok' | 'failed'): void
  onRead(): void
}

export interface FeedOptions {
  database: Database
  /** Whose a stream is that opens: a user's, or as long as that is not known a credential's. */
  keyOf(caller: Caller): string
  /** Streams in this process, of all users. */
  most: number
  /** Reads of the log that run at a time, in the order of coming: the connections are for calls first. */
  readsAtOnce: number
  times?: Partial<FeedTimes> | undefined
  events: FeedEvents
  log(level: 'info' | 'warn', message: string, details?: Record<string, unknown>): void
}

/** All streams of this process, and what wakes and ends them. */
export interface Feed {
  readonly times: FeedTimes
  readonly open: number
  /** Those that have a place, and have not begun. */
  readonly opening: number
  readonly listening: boolean
  /**
   * Takes a place for a stream of this caller that is about to open, until the stack is disposed. Throws OVERLOADED
   * where there is none, RATE_LIMITED where the caller has too many.
   */
  takePlace(caller: Caller, until: DisposableStack): void
  /** Wakes the stream until the stack is disposed; throws RATE_LIMITED where its user has too many. */
  join(stream: Stream, until: DisposableStack): void
  /** What a stream begins with: the Changes above a revision, or the head. */
  first(reader: Reader, after: number | undefined): Promise<ReadPage>
  /** The next Changes of a stream. Those who ask for the same at the same time share an answer. */
  read(reader: Reader, stream: Stream): Promise<ReadPage>
  /** A commit of this process: wakes its own streams, and tells the other processes. */
  committed(spaceId: string): void
  /** Hears the other processes, and tells them, on a direct connection. */
  listen(address: Address): void
  /** Ends every stream, so that the readers go on elsewhere, and takes no new ones. */
  close(): Promise<void>
}

/** Changes that a stream reads, and holds, at a time. */
export const PAGE = 100

/** The streams of a process that ends come to the others a hundred in a second, but within ten. */
const MOVE_MS = 10
const LONGEST_MOVE_MS = 10_000

interface Space {
  streams: Set<Stream>
  wakes: number
}

const callerKey = ({ caller }: Stream): string => credentialKey(caller)

export function createFeed({ database, keyOf, most, readsAtOnce, times: given, events, log }: FeedOptions): Feed {
  const times = { ...FEED_TIMES, ...given }
  const spaces = new Map<string, Space>()
  /** How many places each user has, as far as they were known when a stream came, and how many streams. */
  const placesOf = new Map<string, number>()
  const streamsOf = new Map<string, number>()
  const streams = new Set<Stream>()
  const reads = new Map<string, Promise<ReadPage>>()
  // The door's own reads, not in their users' turns: who waits there would hold up the line for all.
  const inLine = createConcurrencyLimit({ atOnce: readsAtOnce })
  let places = 0
  let closed = false
  let heardAt = performance.now()
  let watching: NodeJS.Timeout | undefined
  let listener: ReturnType<typeof startListener> | undefined

  const wakes = createBurst({
    everyMs: times.burstMs,
    most: Infinity,
    deal: (spaceIds) => {
      for (const id of spaceIds) wake(id)
    },
  })
  const notifier = createNotifier({
    everyMs: times.burstMs,
    notify: async (payload) => await listener?.notify(payload),
    onSent: events.onNotified,
  })

  // What was read before this may not show what it is for.
  function wake(spaceId: string, these?: readonly Stream[]): void {
    const space = spaces.get(spaceId)
    if (space === undefined) return
    space.wakes++
    for (const stream of these ?? space.streams) stream.wake()
  }

  function wakeThese(by: 'here' | 'notify', spaceIds: readonly string[]): void {
    const here = spaceIds.filter((id) => spaces.has(id))
    if (here.length === 0) return
    events.onWake(by, here.length)
    wakes.add(here)
  }

  // Runs while there are streams.
  function watchAgain(): void {
    if (closed || watching !== undefined || streams.size === 0) return
    watching = setTimeout(() => {
      void watch().finally(() => {
        watching = undefined
        watchAgain()
      })
    }, times.watchMs)
  }

  async function watch(): Promise<void> {
    for (const stream of streams) if (stream.stuckMs > times.stuckMs) stream.hangUp()
    // One for all that go by the same credential; of their revisions the lowest.
    const groups = Map.groupBy(streams, callerKey)
    const watched = [...groups.values()].flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      return [{ group, caller: first.caller, revision: Math.min(...group.map(({ revision }) => revision)) }]
    })
    try {
      const news = newsOf(await database.query(watchStatement(watched)))
      events.onWatched('ok')
      heardAt = performance.now()
      for (const { at, refusal, head } of news) {
        const { group = [] } = watched[at] ?? {}
        if (refusal !== undefined) for (const stream of group) stream.end(toAppError(refusal, 'tasks:read'))
        else {
          // Those that are told already, beside one that is slow, need not look.
          const behind = group.filter(({ revision }) => revision !== head)
          const [first] = behind
          if (first === undefined) continue
          events.onWake('poll', 1)
          wake(first.spaceId, behind)
        }
      }
    } catch (error) {
      events.onWatched('failed')
      if (performance.now() - heardAt < times.awayMs) return
      const reason = toAppError(error)
      log('warn', 'The database is away: streams end', { streams: streams.size, appCode: reason.appCode })
      for (const stream of streams) stream.end(reason)
    }
  }

  return {
    times,
    get open() {
      return streams.size
    },
    get opening() {
      return places - streams.size
    },
    get listening() {
      return listener?.up ?? false
    },
    takePlace(caller, until) {
      if (closed) throw shuttingDown()
      if (places >= most)
        throw new AppError('OVERLOADED', `This process has ${most} streams open, all that it may; try again later.`, {
          retryAfterMs: 5000,
        })
      countIn(placesOf, keyOf(caller), until)
      until.defer(() => void places--)
      places++
    },
    join(stream, until) {
      if (closed) throw shuttingDown()
      const { userId, spaceId } = stream
      countIn(streamsOf, userId, until)
      until.defer(() => {
        streams.delete(stream)
        space.streams.delete(stream)
        if (space.streams.size === 0 && spaces.get(spaceId) === space) spaces.delete(spaceId)
      })
      const space = spaces.get(spaceId) ?? { streams: new Set(), wakes: 0 }
      spaces.set(spaceId, space)
      space.streams.add(stream)
      if (streams.size === 0) heardAt = performance.now()
      streams.add(stream)
      watchAgain()
    },
    // When another process ends, its streams open here all at once.
    first: async (reader, after) =>
      await inLine(async () => {
        const asked = { ...reader, limitedDatabase: database }
        return after === undefined ? await readHead(asked) : await readChanges(asked, { after, limit: PAGE })
      }),
    async read(reader, stream) {
      const key = `${callerKey(stream)} ${stream.revision} ${spaces.get(stream.spaceId)?.wakes ?? 0}`
      const under = reads.get(key)
      if (under !== undefined) return await under
      const reading = inLine(async () => {
        events.onRead()
        // For all who share it, and so not ended when one of them leaves.
        const asked = { ...reader, limitedDatabase: database, signal: undefined }
        return await readChanges(asked, { after: stream.revision, limit: PAGE })
      }).finally(() => reads.delete(key))
      reads.set(key, reading)
      const page = await reading
      heardAt = performance.now()
      return page
    },
    committed(spaceId) {
      wakeThese('here', [spaceId])
      if (listener?.up === true) notifier.tell(spaceId)
    },
    listen(address) {
      if (closed) return
      listener = startListener({
        address,
        applicationName: 'taskwire-listen',
        pingMs: times.listenerPingMs,
        onNotify: (payload) => wakeThese('notify', notifier.read(payload)),
        // What was notified meanwhile is lost: everybody looks.
        onListening: () => wakes.add(spaces.keys()),
        log,
      })
    },
    async close() {
      closed = true
      clearTimeout(watching)
      const within = Math.min(LONGEST_MOVE_MS, Math.max(1000, MOVE_MS * streams.size))
      for (const stream of streams) stream.end(shuttingDown(within))
      await listener?.end()
    },
  }
}

/** Counts one more of this user until the stack is disposed; throws where they have as many as they may. */
function countIn(counts: Map<string, number>, user: string, until: DisposableStack): void {
  const own = counts.get(user) ?? 0
  if (own >= LIMITS.streamsPerUser)
    throw new AppError(
      'RATE_LIMITED',
      `This user has ${LIMITS.streamsPerUser} streams open already; close one, or share one among those who listen.`,
      { retryAfterMs: 10_000 },
    )
  // Before it is counted: a stack that is disposed already throws here.
  until.defer(() => {
    const left = (counts.get(user) ?? 1) - 1
    if (left === 0) counts.delete(user)
    else counts.set(user, left)
  })
  counts.set(user, own + 1)
}

function shuttingDown(withinMs = 1000): AppError {
  return new AppError('UNAVAILABLE', 'This process is shutting down; connect again, and another one answers.', {
    retryAfterMs: Math.ceil(withinMs * Math.random()),
  })
}
