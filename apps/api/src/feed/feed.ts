import { LIMITS } from '@taskwire/contract'
import pLimit from 'p-limit'
import { type Address, type Caller, type Database, startListener } from '@taskwire/db'
import { readChanges, readHead, type ReadPage } from '../procedures/changes/read-changes.ts'
import type { Reader } from '../procedures/read.ts'
import { AppError } from '../errors.ts'
import { credentialKey } from '../limits/known-callers.ts'
import { createBatcher } from './batcher.ts'
import { createNotifier } from './notifier.ts'
import { createPoll } from './poll.ts'
import { createStreamLimits } from './stream-limits.ts'
import type { Stream } from './stream.ts'

/** Intervals and limits in milliseconds. Tests shorten them. */
export interface FeedTimes {
  /** After this time without anything to send, a stream sends the head. */
  heartbeatMs: number
  /** Between two polls of the database. */
  pollMs: number
  /** Between two wake-ups of the same space, and between two NOTIFYs. */
  wakeMs: number
  /** A connection whose reader reads nothing for this long is closed. */
  stuckMs: number
  /** If the database is unavailable for this long, all streams end, since they cannot be checked or served. */
  databaseAwayMs: number
  /** A listening connection that does not answer for this long is replaced. */
  listenerPingMs: number
}

export const FEED_TIMES: FeedTimes = {
  heartbeatMs: LIMITS.streamHeartbeatMs,
  pollMs: 2000,
  wakeMs: 20,
  stuckMs: 60_000,
  databaseAwayMs: 10_000,
  listenerPingMs: 5000,
}

/** Events of this process's streams, for the metrics. */
export interface FeedEvents {
  onWake(by: 'here' | 'notify' | 'poll', spaces: number): void
  onWatched(outcome: 'ok' | 'failed'): void
  onNotified(outcome: 'ok' | 'failed'): void
  onRead(): void
}

export interface FeedOptions {
  database: Database
  /** Returns a key for the caller's user, or for the credential while its user is unknown. */
  keyOf(caller: Caller): string
  /** Most streams in this process, of all users together. */
  most: number
  /** Most reads of the log at a time, first come first served. The other connections are left to calls. */
  readsAtOnce: number
  times?: Partial<FeedTimes> | undefined
  events: FeedEvents
  log(level: 'info' | 'warn', message: string, details?: Record<string, unknown>): void
}

/** All streams of this process, and what wakes and ends them. */
export interface Feed {
  readonly times: FeedTimes
  readonly open: number
  /** Streams that are reserved, but not open yet. */
  readonly opening: number
  readonly listening: boolean
  /**
   * Counts a stream that is about to open until the stack is disposed. Throws OVERLOADED if the process has too many
   * streams, RATE_LIMITED if the caller has.
   */
  reserve(caller: Caller, until: DisposableStack): void
  /** Adds a stream, which is woken until the stack is disposed. Throws RATE_LIMITED if its user has too many. */
  join(stream: Stream, until: DisposableStack): void
  /** Reads the first page of a stream: the Changes after a revision, or the head. */
  readFirst(reader: Reader, after: number | undefined): Promise<ReadPage>
  /** Reads the next page of a stream. Streams that need the same page at the same time share one read. */
  readNext(reader: Reader, stream: Stream): Promise<ReadPage>
  /** To be called after a commit of this process: wakes the streams here, and notifies the other processes. */
  committed(spaceId: string): void
  /** Opens a connection without a pooler, for listening to the other processes and for notifying them. */
  listen(address: Address): void
  /** Ends every stream, so that its reader reconnects to another process. Accepts no new streams. */
  close(): Promise<void>
}

/** Changes in one page of a stream. */
export const PAGE = 100

/** When a process closes, its readers reconnect within this time for each open stream, at most the time below. */
const RECONNECT_MS = 10
const LONGEST_RECONNECT_MS = 10_000

interface Space {
  streams: Set<Stream>
  wakes: number
}

// oxlint-disable-next-line max-lines-per-function -- short functions that share the streams of one process
export function createFeed({ database, keyOf, most, readsAtOnce, times: given, events, log }: FeedOptions): Feed {
  const times = { ...FEED_TIMES, ...given }
  const limits = createStreamLimits({ most })
  const spaces = new Map<string, Space>()
  const streams = new Set<Stream>()
  const reads = new Map<string, Promise<ReadPage>>()
  // Reads use the database directly: a read that waited for its user's limit would block the reads of all other users.
  const limitReads = pLimit(readsAtOnce)
  let isClosed = false
  let listener: ReturnType<typeof startListener> | undefined

  const wakes = createBatcher({
    everyMs: times.wakeMs,
    most: Infinity,
    handle(spaceIds) {
      for (const id of spaceIds) wake(id)
    },
  })
  const notifier = createNotifier({
    everyMs: times.wakeMs,
    send: async (payload) => await listener?.notify(payload),
    onSent: events.onNotified,
  })
  const poll = createPoll({
    database,
    streams,
    ...times,
    onBehind(behind) {
      events.onWake('poll', 1)
      wake(behind[0]?.spaceId ?? '', behind)
    },
    onPolled: events.onWatched,
    onDatabaseAway({ appCode }) {
      log('warn', 'The database is unavailable: all streams end', { streams: streams.size, appCode })
    },
  })

  function wake(spaceId: string, only?: readonly Stream[]): void {
    const space = spaces.get(spaceId)
    if (space === undefined) return
    // A read that began before the wake-up may not see the commit, so it must not be shared any more.
    space.wakes++
    for (const stream of only ?? space.streams) stream.wake()
  }

  function wakeSpaces(by: 'here' | 'notify', spaceIds: readonly string[]): void {
    const known = spaceIds.filter((id) => spaces.has(id))
    if (known.length === 0) return
    events.onWake(by, known.length)
    wakes.add(known)
  }

  return {
    times,
    get open() {
      return streams.size
    },
    get opening() {
      return limits.count - streams.size
    },
    get listening() {
      return listener?.up ?? false
    },
    reserve(caller, until) {
      if (isClosed) throw shuttingDown()
      limits.reserve(keyOf(caller), until)
    },
    join(stream, until) {
      if (isClosed) throw shuttingDown()
      const { userId, spaceId } = stream
      limits.countOpen(userId, until)
      until.defer(() => {
        streams.delete(stream)
        space.streams.delete(stream)
        if (space.streams.size === 0 && spaces.get(spaceId) === space) spaces.delete(spaceId)
      })
      const space = spaces.get(spaceId) ?? { streams: new Set(), wakes: 0 }
      spaces.set(spaceId, space)
      space.streams.add(stream)
      if (streams.size === 0) poll.onDatabaseReached()
      streams.add(stream)
      poll.start()
    },
    // First reads are limited too: when another process ends, all its streams reconnect here at once.
    readFirst: async (reader, after) =>
      await limitReads(async () => {
        const direct = { ...reader, limitedDatabase: database }
        return after === undefined ? await readHead(direct) : await readChanges(direct, { after, limit: PAGE })
      }),
    async readNext(reader, stream) {
      const key = `${credentialKey(stream.caller)} ${stream.revision} ${spaces.get(stream.spaceId)?.wakes ?? 0}`
      const shared = reads.get(key)
      if (shared !== undefined) return await shared
      const reading = limitReads(async () => {
        events.onRead()
        // Without a signal: the read is shared, and must not be cancelled when one of its readers hangs up.
        const direct = { ...reader, limitedDatabase: database, signal: undefined }
        return await readChanges(direct, { after: stream.revision, limit: PAGE })
      }).finally(() => reads.delete(key))
      reads.set(key, reading)
      const page = await reading
      poll.onDatabaseReached()
      return page
    },
    committed(spaceId) {
      wakeSpaces('here', [spaceId])
      if (listener?.up === true) notifier.notify(spaceId)
    },
    listen(address) {
      if (isClosed) return
      listener = startListener({
        address,
        applicationName: 'taskwire-listen',
        pingMs: times.listenerPingMs,
        onNotify: (payload) => wakeSpaces('notify', notifier.parse(payload)),
        // Wakes every space, since notifications were lost while the process did not listen.
        onListening: () => wakes.add(spaces.keys()),
        log,
      })
    },
    async close() {
      isClosed = true
      poll.stop()
      const withinMs = Math.min(LONGEST_RECONNECT_MS, Math.max(1000, RECONNECT_MS * streams.size))
      for (const stream of streams) stream.end(shuttingDown(withinMs))
      await listener?.end()
    },
  }
}

function shuttingDown(withinMs = 1000): AppError {
  return new AppError('UNAVAILABLE', 'This process is shutting down; reconnect, and another process answers.', {
    retryAfterMs: Math.ceil(withinMs * Math.random()),
  })
}
