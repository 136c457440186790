import { getDomain } from 'tldts'

/** The host names of this machine. */
export const LOOPBACK: RegExp = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * The URL of a service without PUBLIC_URL. For this machine, its host is `localhost`, as for development servers:
 * browsers treat `localhost` and `127.0.0.1` as different sites.
 */
export function defaultUrl(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host
  const isHere = LOOPBACK.test(name) || name === '0.0.0.0' || name === '[::]'
  return `http://${isHere ? 'localhost' : name}:${port}`
}

/** The origins of the service's own pages; on this machine, one for each name of the machine. */
export function ownOrigins(baseUrl: string): string[] {
  const { origin, hostname, protocol, port } = new URL(baseUrl)
  if (!LOOPBACK.test(hostname)) return [origin]
  const names = new Set([hostname, 'localhost', '127.0.0.1', '[::1]'])
  return [...names].map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`)
}

/** The site that SameSite cookies are limited to: the scheme and the registered domain. */
function siteOf(url: string): string {
  const { protocol, hostname } = new URL(url)
  return `${protocol}//${getDomain(hostname, { allowPrivateDomains: true }) ?? hostname}`
}

/** Returns a warning about origins whose pages cannot use the session cookie, because they are on another site. */
export function crossSiteWarning(baseUrl: string, origins: readonly string[]): string | undefined {
  const site = siteOf(baseUrl)
  const crossSite = origins.filter((origin) => siteOf(origin) !== site)
  if (crossSite.length === 0) return undefined
  return `Pages of ${crossSite.join(', ')} cannot use the session cookie: browsers send it only within one site (scheme and registered domain), and PUBLIC_URL is on ${site}. Serve the pages from that site, or let them send the session token as Authorization: Bearer.`
}
