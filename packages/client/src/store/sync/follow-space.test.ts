import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { expect, test } from 'vitest'
import type { FeedStatus, FollowOptions } from '../../follow.ts'
import type { SyncContext } from './context.ts'
import { followSpace } from './follow-space.ts'

const live: FeedStatus = { state: 'live', since: new Date() }
const offline: FeedStatus = {
  state: 'offline',
  since: new Date(),
  cause: { appCode: 'NETWORK', message: 'x', retryable: true, mutationId: undefined },
}

/** Returns what is reported of these states of the feed. */
async function reported(...states: FeedStatus[]): Promise<FeedStatus[]> {
  const { signal } = new AbortController()
  const ctx = {
    account: 'ada',
    signal,
    view: { meta: { after: 1, contract: CONTRACT_HEADER, timeZone: 'UTC' } },
    async write() {},
    client: {
      me: { get: { query: async () => await Promise.resolve({ id: 'ada', timeZone: 'UTC' }) } },
      changes: {
        async follow({ onStatus }: FollowOptions) {
          for (const state of states) onStatus?.(state)
          // What follows a state has time to end.
          for (let turn = 0; turn < 10; turn++) await Promise.resolve()
        },
      },
    },
  }
  const found: FeedStatus[] = []
  // It has what is used.
  await followSpace(ctx as unknown as SyncContext, signal, (status) => found.push(status))
  return found
}

test('live is reported once what came before is written, but not if the connection was lost meanwhile', async () => {
  expect(await reported(live)).toEqual([live])
  expect(await reported(live, offline)).toEqual([offline])
})
