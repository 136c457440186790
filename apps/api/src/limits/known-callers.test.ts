import { expect, test } from 'vitest'
import type { Caller } from '@taskwire/db'
import { createKnownCallers } from './known-callers.ts'

const caller = (nr: number): Caller => ({ credential: Buffer.from(String(nr)), actingAs: null, spaceId: null })

test('beyond 50,000 callers, only the caller whose last call is the oldest is forgotten', () => {
  const known = createKnownCallers()
  const learn = (nr: number): void => known.learn(caller(nr), `user ${nr}`, `user ${nr}`)
  for (let nr = 0; nr < 50_000; nr++) learn(nr)
  // Another call of the first caller: each call ends with `learn()`.
  learn(0)
  learn(50_000)
  const users = [0, 1, 2, 49_999, 50_000].map((nr) => known.userOf(caller(nr)))
  expect(users).toEqual(['user 0', undefined, 'user 2', 'user 49999', 'user 50000'])
})
