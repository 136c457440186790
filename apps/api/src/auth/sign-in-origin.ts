import { reply } from './sign-in-replies.ts'

/**
 * Refuses what a page of another origin sends. Browsers send the cookie along with what any page asks for, and let any
 * page try to sign its visitor in; they name the origin with every POST. A request that names none is a program's; one
 * that comes by a bearer's credential alone cannot be of a page that was not told it.
 */
export function refuseForeignPage(headers: Headers, origins: readonly string[]): Response | undefined {
  if (headers.has('authorization') && !headers.has('cookie')) return undefined
  const named = headers.get('origin') ?? headers.get('referer')
  const site = headers.get('sec-fetch-site')
  if (named === null && site === null) return undefined
  if (named === 'null' && site === 'same-origin') return undefined
  if (named === null || named === 'null')
    return reply(403, { message: 'Missing or null Origin', code: 'MISSING_OR_NULL_ORIGIN' })
  if (URL.canParse(named) && origins.includes(new URL(named).origin)) return undefined
  return reply(403, { message: 'Invalid origin', code: 'INVALID_ORIGIN' })
}
