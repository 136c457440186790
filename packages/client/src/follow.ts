import type { Change } from '@taskwire/contract/change'
import { LIMITS } from '@taskwire/contract/limits'
import type { Calls, Outputs, Subscriber } from './call-types.ts'
import { type Failure, failureOf } from './errors.ts'

/** The state of a feed; `since` is when the state began. */
export type FeedStatus =
  /** All Changes so far have been processed; new ones arrive as they happen. */
  | { state: 'live'; since: Date }
  /** Connecting for the first time, or reading Changes that were missed. */
  | { state: 'catchingUp'; since: Date }
  /** Not connected; it reconnects by itself. */
  | { state: 'offline'; since: Date; cause: Failure }

export interface FollowOptions {
  /** The revision of the last processed Change, or of a page that you have read. Absent: the feed starts now. */
  after?: number | undefined
  /** Called once for each Change, in order, after the previous call has settled. If it throws, the feed ends. */
  onChange(change: Change): void | Promise<void>
  /** Called at the start, when the state changes, and for each further attempt that failed. */
  onStatus?: ((status: FeedStatus) => void) | undefined
  /** Ends the feed. */
  signal?: AbortSignal | undefined
  /** Milliseconds without data after which a connection is replaced, at least 1. Default 45,000, three heartbeats. */
  silentMs?: number | undefined
}

/** The type of `client.changes.follow`. */
export type Follow = (options: FollowOptions) => Promise<number | undefined>

/** The context that `follow` passes to the link with its subscription. */
export interface FeedContext {
  ready?: (() => Promise<void> | undefined) | undefined
  silentMs?: number | undefined
}

export const SILENT_MS: number = 3 * LIMITS.streamHeartbeatMs
/** While this many items wait to be processed, no more are read from the connection. */
const MAX_BUFFERED = 1000

type Item = Outputs['changes']['subscribe']

export async function follow(
  { changes }: Pick<Calls, 'changes'>,
  { after, onChange, onStatus, signal, silentMs }: FollowOptions,
): Promise<number | undefined> {
  const buffer = createBuffer(signal)
  const setState = createStatus(onStatus, buffer.fail)
  let last = after
  if (signal?.aborted) return last
  let subscription: { unsubscribe(): void } | undefined
  try {
    signal?.addEventListener('abort', buffer.wake)
    setState('catchingUp')
    const subscriber: Subscriber<Item> & { context: FeedContext } = {
      // tRPC passes the context to the link.
      context: { silentMs, ready: buffer.ready },
      onData: ({ data }) => buffer.add(data),
      onConnectionStateChange({ state, error }) {
        if (state === 'pending') setState('catchingUp')
        if (error === null) return
        buffer.dropHeads()
        setState('offline', error)
      },
      onError: buffer.fail,
    }
    subscription = changes.subscribe.subscribe({ after }, subscriber)
    for (let item = await buffer.next(); item !== undefined; item = await buffer.next()) {
      // A newer service may send other types: they are ignored.
      if (item.type === 'head' && item.revision !== undefined) {
        last ??= item.revision
        setState('live')
      } else if (item.type === 'change' && item.change !== undefined) {
        const { change } = item
        if (last !== undefined && change.revision <= last) continue
        await onChange(change)
        last = change.revision
      }
    }
    return last
  } finally {
    signal?.removeEventListener('abort', buffer.wake)
    buffer.resumeReading()
    subscription?.unsubscribe()
  }
}

type SetState = (state: FeedStatus['state'], error?: unknown) => void

/** Reports the states of a feed. If `onStatus` throws, `fail` gets the error. */
function createStatus(onStatus: FollowOptions['onStatus'], fail: (error: unknown) => void): SetState {
  let status: FeedStatus | undefined
  return (state, error) => {
    if (status?.state === state && state !== 'offline') return
    const since = status?.state === state ? status.since : new Date()
    try {
      const next: FeedStatus = state === 'offline' ? { state, since, cause: failureOf(error) } : { state, since }
      status = next
      onStatus?.(next)
    } catch (thrown) {
      fail(thrown)
    }
  }
}

interface FeedBuffer {
  add(item: Item): void
  /** Drops the items of the type `head`, which may be outdated once the connection is lost. */
  dropHeads(): void
  /** Returns the next item; undefined once the signal has aborted. After the last item, throws the error of `fail`. */
  next(): Promise<Item | undefined>
  fail(error: unknown): void
  wake(): void
  /** Returns undefined, or a promise to await before more is read from the connection. */
  ready(): Promise<void> | undefined
  resumeReading(): void
}

/** Creates the buffer of items that have arrived and are not yet processed. */
function createBuffer(signal: AbortSignal | undefined): FeedBuffer {
  let items: Item[] = []
  let failure: { error: unknown } | undefined
  let wake = (): void => {}
  let resume = (): void => {}
  return {
    add(item) {
      items.push(item)
      wake()
    },
    dropHeads() {
      items = items.filter(({ type }) => type !== 'head')
    },
    async next() {
      for (;;) {
        if (signal?.aborted) return undefined
        const item = items.shift()
        if (items.length < MAX_BUFFERED / 2) resume()
        if (item !== undefined) return item
        if (failure !== undefined) throw failure.error
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    fail(error) {
      failure ??= { error }
      wake()
    },
    wake: () => wake(),
    ready: () => (items.length < MAX_BUFFERED ? undefined : new Promise<void>((resolve) => (resume = () => resolve()))),
    resumeReading: () => resume(),
  }
}
