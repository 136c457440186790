/** A PostgreSQL address, validated before connecting. */
export interface Address {
  host: string
  port: number
  database: string
  user: string
  password: string
  /** No TLS, TLS without a check of the certificate, or TLS with the check. */
  tls: 'off' | 'require' | 'verify'
  /** A transaction pooler, such as Neon's: no LISTEN and no session state. */
  pooled: boolean
}

/** An invalid address; `message` names the setting, the reason and the remedy. */
export class AddressError extends Error {
  override name = 'AddressError'
}

// Parameters of libpq and of Neon's console, left out here: postgres.js would send them to the server as settings.
const IGNORED = new Set(['channel_binding', 'connect_timeout', 'application_name', 'options', 'gssencmode'])
const TLS: Record<string, Address['tls']> = {
  disable: 'off',
  allow: 'off',
  prefer: 'off',
  require: 'require',
  'verify-ca': 'verify',
  'verify-full': 'verify',
}

/**
 * Parses `postgres://user:password@host:port/database?sslmode=…`; `name` is the setting that holds it.
 * Throws an AddressError, which never contains the password.
 */
export function parseAddress(name: string, text: string): Address {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new AddressError(`${name} is not an address; write postgres://user:password@host:5432/database`)
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw new AddressError(
      `${name} begins with ${url.protocol} and not with postgres:; write postgres://user:password@host:5432/database`,
    )
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part)
    } catch {
      throw new AddressError(`${name} has a % that encodes nothing; write %25 for a percent sign`)
    }
  }
  const database = decode(url.pathname.slice(1))
  if (/[,%]/.test(url.hostname))
    throw new AddressError(`${name} names several hosts, a socket or an encoded host; give the name or IP of one host`)
  if (url.hostname === '' || url.username === '' || database === '')
    throw new AddressError(
      `${name} lacks its host, user or database; write postgres://user:password@host:5432/database`,
    )

  let tls: Address['tls'] = 'off'
  let pooled = url.hostname.split('.')[0]?.endsWith('-pooler') ?? false
  for (const [key, value] of url.searchParams) {
    if (key === 'sslmode') {
      const mode = Object.hasOwn(TLS, value) ? TLS[value] : undefined
      if (mode === undefined)
        throw new AddressError(`${name} has sslmode=${value}; use one of ${Object.keys(TLS).join(', ')}`)
      tls = mode
    } else if (key === 'pgbouncer') pooled = value === 'true'
    else if (!IGNORED.has(key))
      throw new AddressError(
        `${name} has the parameter ${key}, which Taskwire does not know; remove it, or set it on the role`,
      )
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    database,
    user: decode(url.username),
    password: decode(url.password),
    tls,
    pooled,
  }
}
