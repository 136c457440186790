import { reply } from './sign-in-replies.ts'

/**
 * Returns the refusal of a POST request from a page of another origin. Browsers add the cookie to the requests of any
 * page, and let any page send a sign-in. They send the page's origin with every POST: a request without an origin comes
 * from a program. A page can send a bearer token only if it was given one.
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
