import type { Address } from '@taskwire/db'

/** Returns a text property of an error, or an empty string. */
export function property(error: unknown, name: 'code' | 'message' | 'name'): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
  return typeof value === 'string' ? value : ''
}

// Lost connections, a server that starts, stops or is out of connections, and a database that does not exist yet.
const UNREACHABLE = /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|EPIPE|ETIMEDOUT|CONNECT|57P|08|53|55000|55P03|3D000)/
// Logins and passwords that the server rejects.
const REJECTED = /^28/

/** The database cannot be reached now, but may be later. */
export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.test(property(error, 'code'))
}

/** The server cannot be reached, or rejects the login. */
export function isUnusable(error: unknown): boolean {
  return isUnreachable(error) || REJECTED.test(property(error, 'code'))
}

/** Returns the message of an error of PostgreSQL or the network, with its code. */
export function reasonOf(error: unknown): string {
  const [message, code] = [property(error, 'message'), property(error, 'code')]
  return message.includes(code) || message === '' ? message || code : `${message}, ${code}`
}

/** Describes a database by its setting (null for the embedded one) and its address. */
export function nameOfDatabase(setting: string | null, { user, host, port, database }: Address): string {
  const name = setting === null ? 'embedded database' : `database of ${setting}`
  return `${name} (${user}@${host}:${port}/${database})`
}
