import type { Caller } from '@taskwire/db'
import { LRUCache } from 'lru-cache'

/**
 * Remembers which user a credential belongs to and in which spaces it may act, as the database has verified. This only
 * decides under which key a call is counted by limits. It authorises nothing.
 */
export interface KnownCallers {
  /** Returns the caller's user, or its credential while the user is unknown. The key does not depend on the space. */
  keyOf(caller: Caller): string
  /** Undefined while the credential is unverified. */
  userOf(caller: Caller): string | undefined
  /** The space that the call acts in; undefined while it is not verified that this credential may act there. */
  spaceOf(caller: Caller): string | undefined
  /** Records the user of a credential, and a space in which it may act. */
  learn(caller: Caller, userId: string, spaceId?: string): void
}

/** A map key for a caller: its credential, the user it acts for, and its space. */
export function credentialKey(caller: Caller): string {
  return `${accountKey(caller)} ${caller.spaceId ?? ''}`
}

// Each call needs the key several times.
const accountKeys = new WeakMap<Caller, string>()

function accountKey(caller: Caller): string {
  const known = accountKeys.get(caller)
  if (known !== undefined) return known
  const key = `${Buffer.from(caller.credential).toString('base64')} ${caller.actingAs ?? ''}`
  accountKeys.set(caller, key)
  return key
}

interface Known {
  userId: string
  /** The space of calls without the header X-Taskwire-Space. */
  defaultSpace?: string
  spaces: Set<string>
}

const MOST_KNOWN = 50_000

/** `onVerified` is called when a credential's user becomes known, so that `keyOf` changes from the credential to the user. */
export function createKnownCallers(onVerified: (credential: string, userId: string) => void = () => {}): KnownCallers {
  const accounts = new LRUCache<string, Known>({ max: MOST_KNOWN })
  // Only `learn()`, with which each call ends, counts as a use.
  const userOf = (caller: Caller): string | undefined => accounts.peek(accountKey(caller))?.userId
  return {
    keyOf: (caller) => userOf(caller) ?? accountKey(caller),
    userOf,
    spaceOf(caller) {
      const { defaultSpace, spaces } = accounts.peek(accountKey(caller)) ?? {}
      return caller.spaceId === null ? defaultSpace : spaces?.has(caller.spaceId) ? caller.spaceId : undefined
    },
    learn(caller, userId, spaceId) {
      const key = accountKey(caller)
      let known = accounts.get(key)
      if (known?.userId !== userId) {
        const before = known?.userId ?? key
        known = { userId, spaces: new Set() }
        accounts.set(key, known)
        // If the account was deleted and created again, the new one takes over the count of the old one.
        onVerified(before, userId)
      }
      if (spaceId === undefined) return
      known.spaces.add(spaceId)
      // The personal space, which is the default, has the account's id.
      if (caller.spaceId === null || spaceId === userId) known.defaultSpace = spaceId
    },
  }
}
