import { APP_CODES, type FeedInput, type FeedItem } from '@taskwire/contract'
import { backoffMs } from '@taskwire/db'
import { tracked, type TrackedEnvelope } from '@trpc/server'
import type { CallContext } from '../context.ts'
import { type AppError, hungUp, toAppError } from '../../errors.ts'
import { createStream, type Stream } from '../../feed/stream.ts'
import type { ReadPage } from './read-changes.ts'

export type FeedStream = AsyncGenerator<TrackedEnvelope<FeedItem>, void>

/**
 * Opens a stream. It first catches up from the log, one page at a time as the reader takes them, and then sends new
 * Changes as they are logged. A stream queues no Changes: when woken, it reads the log from its revision on. Each read
 * authenticates the stream's caller again.
 */
export async function subscribe(ctx: CallContext, { after, lastEventId }: FeedInput): Promise<FeedStream> {
  const { feed } = ctx
  const signal = ctx.signal()
  const cleanUp = new DisposableStack()
  // A generator that is never iterated does not run its own clean-up.
  signal.addEventListener('abort', () => cleanUp.dispose(), { once: true })
  try {
    feed.reserve(ctx.caller, cleanUp)
    await ctx.limitedDatabase.countCall()
    const start = lastEventId === undefined ? after : Number(lastEventId)
    const firstPage = await feed.readFirst(ctx, start)
    // If the reader has already hung up, no later abort event would clean up.
    if (signal.aborted) throw hungUp()
    const revision = start ?? firstPage.head
    const stream = createStream({ ...ctx, signal, userId: firstPage.userId, spaceId: firstPage.spaceId, revision })
    feed.join(stream, cleanUp)
    logStream(ctx, stream, cleanUp)
    return follow(ctx, stream, firstPage, cleanUp)
  } catch (error) {
    cleanUp.dispose()
    throw error
  }
}

/** Keeps no reference to a page that is being sent, so that a waiting stream holds no page in memory. */
async function* follow(ctx: CallContext, stream: Stream, page: ReadPage | undefined, cleanUp: Disposable): FeedStream {
  const { feed } = ctx
  const signal = ctx.signal()
  using _ = cleanUp
  let isCatchingUp = true
  while (!signal.aborted) {
    page ??= await readNext(ctx, stream)
    const { head } = page
    const changes = sendChanges(ctx, stream, page)
    page = undefined
    yield* changes
    if (stream.revision < head) {
      isCatchingUp = true
      continue
    }
    if (isCatchingUp) yield* sendHead(stream)
    isCatchingUp = false
    while (!(await stream.waitForWake(feed.times.heartbeatMs)) && !signal.aborted) yield* sendHead(stream)
  }
}

async function* sendHead(stream: Stream): FeedStream {
  const { revision } = stream
  stream.beforeSend()
  yield tracked(String(revision), { type: 'head', revision })
  stream.afterSend()
}

async function* sendChanges({ buffer }: CallContext, stream: Stream, { changes, bytes }: ReadPage): FeedStream {
  using _ = buffer.add(bytes)
  for (const change of changes) {
    stream.beforeSend()
    stream.revision = change.revision
    yield tracked(String(change.revision), { type: 'change', change })
    stream.afterSend()
  }
}

const BACKOFF_MS = { first: 100, most: 2000 }

/** Reads the next page. Retries for `databaseAwayMs` while the database is unavailable, so that a stream survives a failover. */
async function readNext(ctx: CallContext, stream: Stream): Promise<ReadPage> {
  const startedAt = performance.now()
  for (let retries = 0; ; retries++) {
    try {
      ctx.buffer.requireRoom()
      return await ctx.feed.readNext(ctx, stream)
    } catch (error) {
      const failure = toAppError(error, ctx.access)
      const isOverdue = performance.now() - startedAt > ctx.feed.times.databaseAwayMs
      if (!APP_CODES[failure.appCode].retryable || isOverdue || ctx.signal().aborted) throw failure
      // The end of the stream cuts this delay short; a wake-up does not.
      await stream.pause(backoffMs(retries, BACKOFF_MS))
    }
  }
}

function logStream(ctx: CallContext, stream: Stream, cleanUp: DisposableStack): void {
  const { log } = ctx
  const signal = ctx.signal()
  const opened = performance.now()
  log.info({ after: stream.revision }, 'stream opened')
  cleanUp.defer(() => {
    const reason: AppError['appCode'] | 'reader' = stream.ended?.appCode ?? (signal.aborted ? 'reader' : 'INTERNAL')
    const { sent, revision } = stream
    log.info({ reason, sent, revision, ms: Math.round(performance.now() - opened) }, 'stream closed')
  })
}
