import type { Vouched } from './caller.ts'

// Credentials with an external id, as tw.authenticate() reads them: one of these bytes, a hash of 32 bytes, and the id.
// The credential of a session or a key is only a hash, and so shorter.
const BY_ISSUER = 1
const BY_SERVICE_KEY = 2
const BY_PROCESS = 3
/** Added once the account is known to exist. */
const CONFIRMED = 4
const NO_ISSUER = new Uint8Array(32)

/** The credential of a vouched user. */
export function vouchedCredential({ issuer, externalId }: Pick<Vouched, 'issuer' | 'externalId'>): Uint8Array {
  return issuer === null ? credential(BY_PROCESS, NO_ISSUER, externalId) : credential(BY_ISSUER, issuer, externalId)
}

/** The same credential, for a call after the account was created. */
export function confirmedCredential(vouched: Uint8Array): Uint8Array {
  const [form = 0, ...others] = vouched
  return Uint8Array.of(form | CONFIRMED, ...others)
}

/** The credential of a service key that names its user by an external id. */
export function namingCredential(keyHash: Uint8Array, externalId: string): Uint8Array {
  return credential(BY_SERVICE_KEY, keyHash, externalId)
}

const credential = (form: number, hash: Uint8Array, externalId: string): Uint8Array =>
  Buffer.concat([Uint8Array.of(form), hash, Buffer.from(externalId)])
