import { getDomain } from 'tldts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Where browsers reach a service that listens here, unless it is told: of this machine by the name that
 * development servers use. To browsers `localhost` and `127.0.0.1` are two sites.
 */
export function defaultUrl(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host
  const isHere = LOOPBACK.test(name) || name === '0.0.0.0' || name === '[::]'
  return `http://${isHere ? 'localhost' : name}:${port}`
}

/** The origins of the service's own pages: of this machine by each of its names. */
export function ownOrigins(baseUrl: string): string[] {
  const { origin, hostname, protocol, port } = new URL(baseUrl)
  if (!LOOPBACK.test(hostname)) return [origin]
  const names = new Set([hostname, 'localhost', '127.0.0.1', '[::1]'])
  return [...names].map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`)
}

/** What browsers go by where a cookie is SameSite: the scheme, and the domain that somebody has registered. */
function siteOf(address: string): string {
  const { protocol, hostname } = new URL(address)
  return `${protocol}//${getDomain(hostname, { allowPrivateDomains: true }) ?? hostname}`
}

/** Says of which of these origins the pages cannot use the session cookie, and what to do; undefined where all can. */
export function foreignOrigins(baseUrl: string, origins: readonly string[]): string | undefined {
  const site = siteOf(baseUrl)
  const foreign = origins.filter((origin) => siteOf(origin) !== site)
  if (foreign.length === 0) return undefined
  return `Pages of ${foreign.join(', ')} cannot use the session cookie: browsers send it within one site (scheme and registered domain) alone, and PUBLIC_URL is of ${site}. Serve them there, or have them send the token of their sign-in as Authorization: Bearer.`
}
