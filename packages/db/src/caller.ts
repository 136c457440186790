/** The caller's claims, which the database authenticates. */
export interface Caller {
  /** sha256 of the session token or of the key's secret, or a credential of `credentials.ts` that holds an external id. */
  credential: Uint8Array
  /** The user that a service key acts for. */
  actingAs: string | null
  /** The space that the call acts in; null for the space that a key is bound to, or else the personal space. */
  spaceId: string | null
  /** Set if the caller is a vouched user, who may have no account yet. */
  vouched?: Vouched | undefined
}

/**
 * A vouched user: an issuer says by a token who the user is, or the host of this process does. With these values the
 * account is created at the user's first call.
 */
export interface Vouched {
  externalId: string
  /** sha256 of the issuer; null if the host says who the user is. */
  issuer: Uint8Array | null
  name: string
  email: string | null
  timeZone: string | null
  /** When the token ends, and until when it counts as fresh: milliseconds since 1970, or Infinity without a limit. */
  expiresAt: number
  freshUntil: number
  /** False once the issuer's keys have changed, so that a stream has to be opened again. Absent if it has no issuer. */
  isCurrent?: (() => boolean) | undefined
}

/** The authenticated caller. */
export interface Authenticated {
  userId: string
  spaceId: string
  /** When the session ends; null for a key. */
  expiresAt: string | null
}

/** The mutation id, null if the caller sent none, and the hash of the procedure and its input. */
export interface MutationIdentity {
  id: string | null
  payload: Uint8Array
}
