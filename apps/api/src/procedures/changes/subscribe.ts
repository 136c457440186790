import { APP_CODES, type FeedInput, type FeedItem } from '@taskwire/contract'
import { tracked, type TrackedEnvelope } from '@trpc/server'
import type { CallContext } from '../context.ts'
import { type AppError, hungUp, toAppError } from '../../errors.ts'
import { createStream, type Stream } from '../../feed/stream.ts'
import type { ReadPage } from './read-changes.ts'

export type FeedStream = AsyncGenerator<TrackedEnvelope<FeedItem>, void>

/**
 * Opens a stream: catches up from the log, page by page as the reader takes them, and then follows. It
 * queues nothing: it is woken, and reads on from where it is. Each read is a call of the caller's own.
 */
export async function subscribe(ctx: CallContext, { after, lastEventId }: FeedInput): Promise<FeedStream> {
  const { feed, signal } = ctx
  const leave = new DisposableStack()
  // A stream that nobody ever reads runs none of its own clean-up.
  signal.addEventListener('abort', () => leave.dispose(), { once: true })
  try {
    feed.takePlace(ctx.caller, leave)
    await ctx.limitedDatabase.countCall()
    const from = lastEventId === undefined ? after : Number(lastEventId)
    const first = await feed.first(ctx, from)
    // For a reader who has left by now the signal raises no further event.
    if (signal.aborted) throw hungUp()
    const revision = from ?? first.head
    const stream = createStream({ ...ctx, userId: first.userId, spaceId: first.spaceId, revision })
    feed.join(stream, leave)
    logEnds(ctx, stream, leave)
    return follow(ctx, stream, first, leave)
  } catch (error) {
    leave.dispose()
    throw error
  }
}

/** Gives each page away as it is told, its first as well: a stream that waits holds none. */
async function* follow(ctx: CallContext, stream: Stream, page: ReadPage | undefined, leave: Disposable): FeedStream {
  const { feed, signal } = ctx
  using _ = leave
  const head = (): TrackedEnvelope<FeedItem> =>
    tracked(String(stream.revision), { type: 'head', revision: stream.revision })
  let behind = true
  while (!signal.aborted) {
    page ??= await readOn(ctx, stream)
    const top = page.head
    const telling = tell(ctx, stream, page)
    page = undefined
    yield* telling
    if (stream.revision < top) {
      behind = true
      continue
    }
    if (behind) {
      stream.sending()
      yield head()
      stream.taken()
    }
    behind = false
    while (!(await stream.woken(feed.times.heartbeatMs)) && !signal.aborted) {
      stream.sending()
      yield head()
      stream.taken()
    }
  }
}

async function* tell({ buffer }: CallContext, stream: Stream, { changes, bytes }: ReadPage): FeedStream {
  using _ = buffer.add(bytes)
  for (const change of changes) {
    stream.sending()
    stream.revision = change.revision
    yield tracked(String(change.revision), { type: 'change', change })
    stream.taken()
  }
}

const BACKOFF_MS = { first: 100, most: 2000 }

/** Tries again while the database is away, for a while: a stream outlives a failover. */
async function readOn(ctx: CallContext, stream: Stream): Promise<ReadPage> {
  const since = performance.now()
  for (let tried = 0; ; tried++) {
    try {
      ctx.buffer.requireRoom()
      return await ctx.feed.read(ctx, stream)
    } catch (error) {
      const failure = toAppError(error, ctx.need)
      const lasted = performance.now() - since
      if (!APP_CODES[failure.appCode].retryable || lasted > ctx.feed.times.awayMs || ctx.signal.aborted) throw failure
      const wait = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** tried) * (0.5 + Math.random() / 2)
      // A wake-up is no reason to be quicker; what ends the stream is.
      await stream.pause(wait)
    }
  }
}

function logEnds({ log, signal }: CallContext, stream: Stream, leave: DisposableStack): void {
  const opened = performance.now()
  log.info({ after: stream.revision }, 'stream opened')
  leave.defer(() => {
    const reason: AppError['appCode'] | 'reader' = stream.ended?.appCode ?? (signal.aborted ? 'reader' : 'INTERNAL')
    const { sent, revision } = stream
    log.info({ reason, sent, revision, ms: Math.round(performance.now() - opened) }, 'stream closed')
  })
}
