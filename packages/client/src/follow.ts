import type { Change } from '@taskwire/contract/change'
import { LIMITS } from '@taskwire/contract/limits'
import type { TRPCClient } from '@trpc/client'
import { type Failure, failureOf } from './errors.ts'
import type { AppRouter, Outputs } from './router.ts'

/** The state of a feed; `since` is when the state began. */
export type FeedStatus =
  /** All Changes so far have been processed; new ones arrive as they happen. */
  | { state: 'live'; since: Date }
  /** Connecting for the first time, or reading Changes that were missed. */
  | { state: 'catchingUp'; since: Date }
  /** Not connected; it reconnects by itself. */
  | { state: 'offline'; since: Date; cause: Failure }

export interface FollowOptions {
  /** The revision of the last Change that was processed, or of a page or snapshot; absent: starts now. */
  after?: number | undefined
  /** Called with each Change once, in order; the next waits until it has settled. If it throws, the feed ends. */
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

/** What `follow` passes to the link with its subscription. */
export interface FeedContext {
  ready?: (() => Promise<void> | undefined) | undefined
  silentMs?: number | undefined
}

export const SILENT_MS: number = 3 * LIMITS.streamHeartbeatMs
/** With this many items to process, no more are read from the connection. */
const MAX_BUFFERED = 1000

export async function follow(
  { changes }: TRPCClient<AppRouter>,
  { after, onChange, onStatus, signal, silentMs }: FollowOptions,
): Promise<number | undefined> {
  let buffered: Outputs['changes']['subscribe'][] = []
  let failure: { error: unknown } | undefined
  let last = after
  let status: FeedStatus | undefined
  let wake = (): void => {}
  let resumeReading = (): void => {}

  function setState(state: FeedStatus['state'], error?: unknown): void {
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
  function fail(error: unknown): void {
    failure ??= { error }
    wake()
  }

  const context: FeedContext = {
    silentMs,
    ready: () =>
      buffered.length < MAX_BUFFERED ? undefined : new Promise<void>((resolve) => (resumeReading = () => resolve())),
  }
  const abort = (): void => wake()
  let subscription: { unsubscribe(): void } | undefined
  try {
    if (signal?.aborted) return last
    signal?.addEventListener('abort', abort)
    setState('catchingUp')
    subscription = changes.subscribe.subscribe(
      { after },
      {
        context: { ...context },
        onData({ data }) {
          buffered.push(data)
          wake()
        },
        onConnectionStateChange({ state, error }) {
          if (state === 'pending') setState('catchingUp')
          if (error === null) return
          // A head that was received before the connection was lost may be outdated.
          buffered = buffered.filter(({ type }) => type !== 'head')
          setState('offline', error)
        },
        onError: fail,
      },
    )
    for (;;) {
      if (signal?.aborted) return last
      const item = buffered.shift()
      if (item === undefined) {
        if (failure !== undefined) throw failure.error
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      if (buffered.length < MAX_BUFFERED / 2) resumeReading()
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
  } finally {
    signal?.removeEventListener('abort', abort)
    resumeReading()
    subscription?.unsubscribe()
  }
}
