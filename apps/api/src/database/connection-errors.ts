import { type Address, codeOf, isUnreachable } from '@taskwire/db'

// The database is starting, is locked, or does not exist yet.
const NOT_READY = /^(55000|55P03|3D000)/
// The server rejects the login or the password.
const REJECTED = /^28/

/** Whether the error means that the database cannot be used now, but perhaps later. */
export function isNotReady(error: unknown): boolean {
  return isUnreachable(error) || NOT_READY.test(codeOf(error))
}

/** Whether the error means that the database is not ready, or that the server rejects the login. */
export function isUnusable(error: unknown): boolean {
  return isNotReady(error) || REJECTED.test(codeOf(error))
}

/** Returns the message of an error of PostgreSQL or the network, with its code. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : ''
  return message.includes(code) || message === '' ? message || code : `${message}, ${code}`
}

/** Describes a database by its setting (null for the embedded one) and its address. */
export function nameOfDatabase(setting: string | null, { user, host, port, database }: Address): string {
  const name = setting === null ? 'embedded database' : `database of ${setting}`
  return `${name} (${user}@${host}:${port}/${database})`
}
