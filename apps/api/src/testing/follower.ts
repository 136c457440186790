import { deepStrictEqual } from 'node:assert'
import type { Change, Client, FeedStatus, FollowOptions } from '@taskwire/client'
import { change as changeSchema } from '@taskwire/contract'

/** Follows a feed with the real client, and keeps every Change and status. */
export interface Follower extends AsyncDisposable {
  readonly revisions: number[]
  readonly changes: Change[]
  readonly statuses: FeedStatus[]
  /** Resolves when that revision has been processed. Rejects if the feed ends before. */
  reached(revision: number): Promise<void>
  /** Resolves when the feed has that status, now or later. */
  is(state: FeedStatus['state']): Promise<FeedStatus>
  /** The result of `follow()`. */
  ended: Promise<number | undefined>
  /** Stops following; returns the last revision that was processed. */
  stop(): Promise<number | undefined>
}

export function startFollower(client: Client, options: Omit<FollowOptions, 'onChange' | 'signal'> = {}): Follower {
  const stopping = new AbortController()
  const changes: Change[] = []
  const statuses: FeedStatus[] = []
  const listeners = new Set<() => void>()
  const notify = (): void => {
    for (const listener of listeners) listener()
  }
  const ended = client.changes.follow({
    ...options,
    signal: stopping.signal,
    onStatus(status) {
      statuses.push(status)
      options.onStatus?.(status)
      notify()
    },
    // Some calls are asynchronous: a client that did not await them would deliver Changes out of order.
    async onChange(change) {
      if (change.revision % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
      deepStrictEqual(changeSchema.parse(change), change)
      changes.push(change)
      notify()
    },
  })
  ended.catch(() => {})
  async function waitFor<T>(find: () => T | undefined): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>()
    const check = (): void => {
      const value = find()
      if (value !== undefined) resolve(value)
    }
    listeners.add(check)
    check()
    try {
      return await Promise.race([
        promise,
        ended.then((last): never => {
          throw new Error(`The feed ended at ${last}`)
        }),
      ])
    } finally {
      listeners.delete(check)
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
      void (await waitFor(() => ((changes.at(-1)?.revision ?? 0) >= revision ? true : undefined))),
    is: async (state) =>
      await waitFor(() => {
        const latest = statuses.at(-1)
        return latest?.state === state ? latest : undefined
      }),
    ended,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop().catch(() => {})),
  }
}
