/** The caller's claims, which the database authenticates. */
export interface Caller {
  /** sha256 of the session token or of the key's secret. */
  credential: Uint8Array
  /** The user that a service key acts for. */
  actingAs: string | null
  /** The space that the call acts in; null for the caller's personal one. */
  spaceId: string | null
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
