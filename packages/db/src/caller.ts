/** The caller's claims, which the database authenticates. */
export interface Caller {
  /** sha256 of the session token or of the key's secret, or a credential of `credentials.ts` that holds an external id. */
  credential: Uint8Array
  /** The user that a service key acts for. */
  actingAs: string | null
  /** The space that the call acts in; null for the caller's personal one. */
  spaceId: string | null
  /** For a user for whom an issuer or this process vouches, who may have no account yet. */
  vouched?: Vouched | undefined
}

/** A user of an issuer of tokens or of the host, and what its account is created with at its first call. */
export interface Vouched {
  externalId: string
  /** sha256 of the issuer; null if this process vouches for the user itself. */
  issuer: Uint8Array | null
  name: string
  email: string | null
  timeZone: string | null
  /** In milliseconds: when the token ends, and until when it counts as fresh. Infinity for none. */
  expiresAt: number
  freshUntil: number
}

/** The authenticated caller. */
export interface Authenticated {
  userId: string
  spaceId: string
  /** When the session ends; null for a key. */
  expiresAt: string | null
}

/** The mutation id, null if the caller sent none, and the hash of procedure and input. */
export interface MutationIdentity {
  id: string | null
  payload: Uint8Array
}
