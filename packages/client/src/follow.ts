import type { Change } from '@taskwire/contract/change'
import { LIMITS } from '@taskwire/contract/limits'
import type { TRPCClient } from '@trpc/client'
import { type Failure, failureOf } from './errors.ts'
import type { AppRouter, Outputs } from './router.ts'

/** How a feed is doing; each has since when. */
export type FeedStatus =
  /** Every Change up to now has been processed, and the next comes as it happens. */
  | { state: 'live'; since: Date }
  /** What was missed is being read; at first, connecting too. */
  | { state: 'catchingUp'; since: Date }
  /** Not connected, and trying again by itself. */
  | { state: 'offline'; since: Date; cause: Failure }

export interface FollowOptions {
  /** The revision of the last Change that was processed, or of a snapshot; without it from now. */
  after?: number | undefined
  /** Each Change once, in order; the next waits until this has settled. What it throws ends the feed. */
  onChange(change: Change): void | Promise<void>
  /** Told at the start, when the state changes, and of each further try that failed. */
  onStatus?: ((status: FeedStatus) => void) | undefined
  /** Ends the feed. */
  signal?: AbortSignal | undefined
  /** A connection on which nothing comes for so many milliseconds is replaced; default 45,000, three heartbeats. */
  silentMs?: number | undefined
}

/** Follows the user's Changes (`client.changes.follow`). */
export type Follow = (options: FollowOptions) => Promise<number | undefined>

/** What `follow` hands to the link with its subscription. */
export interface FeedContext {
  ready?: (() => Promise<void> | undefined) | undefined
  silentMs?: number | undefined
}

export const SILENT_MS: number = 3 * LIMITS.streamHeartbeatMs
/** With so many yet to be processed, no more are taken from the connection. */
const MOST_WAITING = 1000

export async function follow(
  { changes }: TRPCClient<AppRouter>,
  { after, onChange, onStatus, signal, silentMs }: FollowOptions,
): Promise<number | undefined> {
  let waiting: Outputs['changes']['subscribe'][] = []
  let failure: { error: unknown } | undefined
  let last = after
  let status: FeedStatus | undefined
  let rouse = (): void => {}
  let drained = (): void => {}

  function tell(state: FeedStatus['state'], error?: unknown): void {
    const was = status
    if (was?.state === state && state !== 'offline') return
    const since = was?.state === state ? was.since : new Date()
    try {
      const now: FeedStatus = state === 'offline' ? { state, since, cause: failureOf(error) } : { state, since }
      status = now
      onStatus?.(now)
    } catch (thrown) {
      fail(thrown)
    }
  }
  function fail(error: unknown): void {
    failure ??= { error }
    rouse()
  }

  const context: FeedContext = {
    silentMs,
    ready: () =>
      waiting.length < MOST_WAITING ? undefined : new Promise<void>((resolve) => (drained = () => resolve())),
  }
  const abort = (): void => rouse()
  let subscription: { unsubscribe(): void } | undefined
  try {
    if (signal?.aborted) return last
    signal?.addEventListener('abort', abort)
    tell('catchingUp')
    subscription = changes.subscribe.subscribe(
      { after },
      {
        context: { ...context },
        onData({ data }) {
          waiting.push(data)
          rouse()
        },
        onConnectionStateChange({ state, error }) {
          if (state === 'pending') tell('catchingUp')
          if (error === null) return
          // What was the head then need not be now.
          waiting = waiting.filter(({ type }) => type !== 'head')
          tell('offline', error)
        },
        onError: fail,
      },
    )
    for (;;) {
      if (signal?.aborted) return last
      const item = waiting.shift()
      if (item === undefined) {
        if (failure !== undefined) throw failure.error
        await new Promise<void>((resolve) => (rouse = resolve))
        continue
      }
      if (waiting.length < MOST_WAITING / 2) drained()
      // Of other types is what a newer service sends.
      if (item.type === 'head' && item.revision !== undefined) {
        last ??= item.revision
        tell('live')
      } else if (item.type === 'change' && item.change !== undefined) {
        const { change } = item
        if (last !== undefined && change.revision <= last) continue
        await onChange(change)
        last = change.revision
      }
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    drained()
    subscription?.unsubscribe()
  }
}
