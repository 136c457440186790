import type { Caller } from '@taskwire/db'
import { createKeyedLimit, type KeyedLimit } from './keyed-limit.ts'
import type { KnownCallers } from './known-callers.ts'

/** Runs at most one mutation of a space at a time: more would only hold connections while they wait for its lock. */
export interface MutationLimit {
  /** Runs a mutation in the caller's space. If `verify` lets the caller act there, `spaceOf` returns it afterwards. */
  run<T>(caller: Caller, verify: () => Promise<void>, work: () => Promise<T>): Promise<T>
  /** By space, or by caller where the space is not known or does not count. */
  readonly byKey: KeyedLimit
}

export interface MutationLimitOptions extends Pick<KnownCallers, 'keyOf' | 'spaceOf'> {
  /** Most first mutations of credentials at a time that run without `verify`. */
  mostUnverified: number
}

export function createMutationLimit({ keyOf, spaceOf, mostUnverified }: MutationLimitOptions): MutationLimit {
  const byKey = createKeyedLimit({ of: 'space', atOnce: 1 })
  const lookups = createKeyedLimit({ of: 'user', atOnce: 1 })
  let unverified = 0

  async function runUnverified<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    unverified++
    try {
      return await byKey.run(keyOf(caller), work)
    } finally {
      unverified--
    }
  }

  return {
    byKey,
    // The space of a credential is known after its first mutation, or after a look-up.
    async run(caller, verify, work) {
      if (spaceOf(caller) === undefined && unverified < mostUnverified) return await runUnverified(caller, work)
      if (spaceOf(caller) === undefined)
        await lookups.run(keyOf(caller), async () => {
          // Another call may have looked it up during the wait.
          if (spaceOf(caller) === undefined) await verify()
        })
      // The space is still unknown if the caller may not act in it. The database will refuse the mutation.
      return await byKey.run(spaceOf(caller) ?? keyOf(caller), work)
    },
  }
}
