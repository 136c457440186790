import type { Caller } from '@taskwire/db'

/**
 * Remembers whose a credential is, once the database has said so. It only decides who waits for
 * whom and whose rate a call counts against: it authorises nothing.
 */
export interface Identities {
  /** The user, or while that is unknown the credential. */
  keyOf(caller: Caller): string
  /** The user; undefined while that is unknown. */
  userOf(caller: Caller): string | undefined
  learn(caller: Caller, userId: string): void
}

/** A caller's credential, for whom it acts and in which space, as the key of a map. */
export function credentialKey({ credential, actingAs, spaceId }: Caller): string {
  return `${Buffer.from(credential).toString('base64')} ${actingAs ?? ''} ${spaceId ?? ''}`
}

const MOST_KNOWN = 50_000

export function createIdentities(): Identities {
  const users = new Map<string, string>()
  return {
    keyOf(caller) {
      const key = credentialKey(caller)
      return users.get(key) ?? key
    },
    userOf: (caller) => users.get(credentialKey(caller)),
    learn(caller, userId) {
      if (users.size >= MOST_KNOWN) users.clear()
      users.set(credentialKey(caller), userId)
    },
  }
}
