import type { Caller } from '@taskwire/db'

/**
 * Remembers whose a credential is, once the database has said so. It only decides who waits for
 * whom and whose rate a call counts against: it authorises nothing.
 */
export interface Identities {
  /** The user, or while that is unknown the credential. */
  keyOf(caller: Caller): string
  isKnown(caller: Caller): boolean
  learn(caller: Caller, userId: string): void
}

const MOST_KNOWN = 50_000

export function createIdentities(): Identities {
  const users = new Map<string, string>()
  const credentialOf = ({ credential, actingAs }: Caller): string =>
    `${Buffer.from(credential).toString('base64')} ${actingAs ?? ''}`
  return {
    keyOf(caller) {
      const key = credentialOf(caller)
      return users.get(key) ?? key
    },
    isKnown: (caller) => users.has(credentialOf(caller)),
    learn(caller, userId) {
      if (users.size >= MOST_KNOWN) users.clear()
      users.set(credentialOf(caller), userId)
    },
  }
}
