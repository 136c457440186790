import type { Caller } from '@taskwire/db'

/**
 * Remembers whose a credential is and in which spaces it may act, once the database has said so. It only decides who
 * waits for whom and whose rate a call counts against: it authorises nothing.
 */
export interface KnownCallers {
  /** The user, or while that is unknown the credential, whatever spaces it names. */
  keyOf(caller: Caller): string
  /** The user; undefined while that is unknown. */
  userOf(caller: Caller): string | undefined
  /** The space that the call acts in; undefined while it is unknown whether this credential may act there. */
  spaceOf(caller: Caller): string | undefined
  /** Takes whose it is, and the space that it has acted in, where that is known. */
  learn(caller: Caller, userId: string, spaceId?: string): void
}

/** A caller's credential, for whom it acts and in which space, as the key of a map. */
export function credentialKey(caller: Caller): string {
  return `${accountKey(caller)} ${caller.spaceId ?? ''}`
}

const accountKey = ({ credential, actingAs }: Caller): string =>
  `${Buffer.from(credential).toString('base64')} ${actingAs ?? ''}`

interface Known {
  userId: string
  /** The one without a header. */
  ownSpace?: string
  spaces: Set<string>
}

const MOST_KNOWN = 50_000

/** `onKnown` is told when what counted under one key counts under another from now on. */
export function createKnownCallers(onKnown: (before: string, userId: string) => void = () => {}): KnownCallers {
  const accounts = new Map<string, Known>()
  const userOf = (caller: Caller): string | undefined => accounts.get(accountKey(caller))?.userId
  return {
    keyOf: (caller) => userOf(caller) ?? accountKey(caller),
    userOf,
    spaceOf(caller) {
      const { ownSpace, spaces } = accounts.get(accountKey(caller)) ?? {}
      return caller.spaceId === null ? ownSpace : spaces?.has(caller.spaceId) ? caller.spaceId : undefined
    },
    learn(caller, userId, spaceId) {
      const key = accountKey(caller)
      let known = accounts.get(key)
      if (known?.userId !== userId) {
        if (accounts.size >= MOST_KNOWN) accounts.clear()
        known = { userId, spaces: new Set() }
        accounts.set(key, known)
        onKnown(key, userId)
      }
      if (spaceId === undefined) return
      known.spaces.add(spaceId)
      // The personal one has the account's id: with the header and without is the same.
      if (caller.spaceId === null || spaceId === userId) known.ownSpace = spaceId
    },
  }
}
