import type { Address } from '@taskwire/db'

/** A text of an error, or nothing. */
export function property(error: unknown, name: 'code' | 'message' | 'name'): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
  return typeof value === 'string' ? value : ''
}

// Connections, a server that starts, stops or has no connection left, and a database yet to be made.
const AWAY = /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|EPIPE|ETIMEDOUT|CONNECT|57P|08|53|55000|55P03|3D000)/
// Logins and passwords that the server does not take.
const REFUSED = /^28/

/** The database cannot be reached now, and may be later. */
export function isAway(error: unknown): boolean {
  return AWAY.test(property(error, 'code'))
}

/** The server cannot be reached, or does not let this login in. */
export function isUnusable(error: unknown): boolean {
  return isAway(error) || REFUSED.test(property(error, 'code'))
}

/** What PostgreSQL or the network says, with its code. */
export function reasonOf(error: unknown): string {
  const [message, code] = [property(error, 'message'), property(error, 'code')]
  return message.includes(code) || message === '' ? message || code : `${message}, ${code}`
}

/** A database by the setting that names it, null for the embedded one, and by what it leads to. */
export function nameOfDatabase(setting: string | null, { user, host, port, database }: Address): string {
  const name = setting === null ? 'embedded database' : `database of ${setting}`
  return `${name} (${user}@${host}:${port}/${database})`
}
