import { type Database, watchResults, watchStatement } from '@taskwire/db'
import { AppError, toAppError } from '../errors.ts'
import { credentialKey } from '../limits/known-callers.ts'
import type { Stream } from './stream.ts'

/**
 * Asks the database, with one statement for all streams, which callers have lost access and which spaces have changed.
 */
export interface Poll {
  /** Starts polling, which goes on while there are streams. */
  start(): void
  /** Restarts the time after which an unavailable database ends the streams. */
  onDatabaseReached(): void
  stop(): void
}

export interface PollOptions {
  database: Database
  streams: ReadonlySet<Stream>
  pollMs: number
  stuckMs: number
  databaseAwayMs: number
  /** Called for the streams of one space that have not sent all its Changes yet. */
  onBehind(streams: readonly Stream[]): void
  onPolled(outcome: 'ok' | 'failed'): void
  /** Called when the database has been unavailable for so long that all streams end. */
  onDatabaseAway(reason: AppError): void
}

export function createPoll(options: PollOptions): Poll {
  const { database, streams } = options
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let reachedAt = performance.now()

  function start(): void {
    if (isStopped || timer !== undefined || streams.size === 0) return
    timer = setTimeout(() => {
      void poll().finally(() => {
        timer = undefined
        start()
      })
    }, options.pollMs)
  }

  async function poll(): Promise<void> {
    for (const stream of streams)
      if (stream.stuckMs > options.stuckMs) stream.hangUp()
      else if (stream.expiresAt <= Date.now()) stream.end(tokenExpired())
      else if (stream.caller.vouched?.isCurrent?.() === false) stream.end(keysChanged())
    const groups = groupByCaller(streams)
    try {
      const results = watchResults(await database.query(watchStatement(groups)))
      options.onPolled('ok')
      reachedAt = performance.now()
      for (const { at, refusal, head } of results) {
        const { group = [] } = groups[at] ?? {}
        if (refusal !== undefined) for (const stream of group) stream.end(toAppError(refusal, 'tasks:read'))
        else {
          // The statement has only the lowest revision of the group; some streams may be at the head.
          const behind = group.filter(({ revision }) => revision !== head)
          if (behind.length > 0) options.onBehind(behind)
        }
      }
    } catch (error) {
      options.onPolled('failed')
      if (performance.now() - reachedAt < options.databaseAwayMs) return
      const reason = toAppError(error)
      options.onDatabaseAway(reason)
      for (const stream of streams) stream.end(reason)
    }
  }

  return {
    start,
    onDatabaseReached() {
      reachedAt = performance.now()
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

function tokenExpired(): AppError {
  return new AppError('UNAUTHENTICATED', 'The token of this stream has expired; reconnect with another one.')
}

/** The reader connects again with the same token, which the new keys accept or refuse. */
function keysChanged(): AppError {
  return new AppError(
    'UNAVAILABLE',
    'The keys of the issuer have changed; reconnect, so that the token is verified again.',
  )
}

interface Group {
  group: readonly Stream[]
  caller: Stream['caller']
  /** The lowest revision of its streams. */
  revision: number
}

/** Groups the streams that have the same credential and space. */
function groupByCaller(streams: Iterable<Stream>): Group[] {
  const groups = Map.groupBy(streams, ({ caller }) => credentialKey(caller))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    return [{ group, caller: first.caller, revision: Math.min(...group.map(({ revision }) => revision)) }]
  })
}
