import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { clientError, messageOf, TaskwireError, tokenFailed } from './errors.ts'

/** The global fetch, or a replacement. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

type Token = string | null | undefined
export type TokenOption = string | (() => Token | Promise<Token>)

export interface Sender {
  token?: TokenOption | undefined
  actingAs?: string | undefined
  actingAsExternal?: string | undefined
  space?: string | undefined
  fetch?: Fetch | undefined
}

/** Sends a request with the headers that every request has. */
export type Send = (url: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Response>

export function createSend({ token, actingAs, actingAsExternal, space, fetch }: Sender): Send {
  const cookies: RequestInit = token === undefined ? { credentials: 'include' } : {}
  async function getToken(): Promise<string | undefined> {
    try {
      return typeof token === 'function' ? ((await token()) ?? undefined) : token
    } catch (cause) {
      throw tokenFailed(cause)
    }
  }
  return async (address, init) => {
    const credential = await getToken()
    checkHeader(credential, 'UNAUTHENTICATED', 'The token')
    checkHeader(actingAs, 'FORBIDDEN', 'actingAs')
    checkHeader(space, 'VALIDATION', 'space')
    if (address.startsWith('/') && fetch === undefined && globalThis.location === undefined)
      throw clientError(
        'VALIDATION',
        'The url of the service is relative, which works only in a browser page; give an absolute one',
      )
    const headers = {
      ...init.headers,
      'x-taskwire-contract': CONTRACT_HEADER,
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      ...(actingAs === undefined ? {} : { 'x-taskwire-user': actingAs }),
      ...(actingAsExternal === undefined ? {} : { 'x-taskwire-external-user': inHeader(actingAsExternal) }),
      ...(space === undefined ? {} : { 'x-taskwire-space': space }),
    }
    return await fetchFrom(address, { ...init, headers, ...cookies }, fetch)
  }
}

/** Sends a request. A page cannot tell a service that refuses its origin from a service that does not respond. */
export async function fetchFrom(address: string, init: RequestInit, fetch: Fetch | undefined): Promise<Response> {
  try {
    // The global fetch is looked up for each request, since a tracing library or a test may replace it.
    return await (fetch ?? globalThis.fetch)(address, init)
  } catch (cause) {
    const page = (globalThis.location as Location | undefined)?.origin ?? ''
    const isOtherOrigin = /^https?:/.test(page) && /^https?:/i.test(address) && new URL(address).origin !== page
    if (!(cause instanceof TypeError) || !isOtherOrigin) throw cause
    const advice = `If the service is running, add ${page} to its ALLOWED_ORIGINS`
    throw new TaskwireError(`${cause.message}. ${advice}`, { appCode: 'NETWORK', retryable: true }, cause)
  }
}

/** Percent-encodes a text for a header. @throws TaskwireError with FORBIDDEN for half of a surrogate pair. */
function inHeader(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch (cause) {
    throw clientError('FORBIDDEN', 'actingAsExternal contains half of a surrogate pair', { cause })
  }
}

/**
 * Refuses a value that is not allowed in a header. fetch would throw a TypeError that shows the value and looks like a
 * lost connection.
 */
export function checkHeader(
  value: string | undefined,
  appCode: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'VALIDATION',
  name: string,
): void {
  // fetch removes white space at the end.
  if (value !== undefined && !/^[\t -~\u0080-\u00ff]*[\t\r\n ]*$/.test(value))
    throw clientError(appCode, `${name} contains a character that is not allowed in a header`)
}

/** Returns an input as JSON. @throws TaskwireError with VALIDATION if this fails. */
export function toJson(readInput: () => unknown): string {
  let cause: unknown
  try {
    // JSON.stringify() returns undefined for a function, though its type says otherwise.
    const json = JSON.stringify(readInput()) as string | undefined
    if (json !== undefined) return json
  } catch (thrown) {
    cause = thrown
  }
  const message = `cannot be sent as JSON${cause === undefined ? '' : `: ${messageOf(cause)}`}`
  throw clientError('VALIDATION', `The input ${message}`, { cause, fields: [{ path: '', message }] })
}

/** Returns the URL without the paths that the client adds itself. @throws TypeError if it cannot be the service's. */
export function baseUrlOf(url: string): string {
  const problem = problemOf(url)
  if (problem !== undefined)
    throw new TypeError(`The url of the service ${problem}; give one such as https://tasks.example.com`)
  return url.replace(/\/+$/, '').replace(/\/(trpc|auth)$/, '')
}

function problemOf(url: string): string | undefined {
  if (/^(\/|$)/.test(url)) return /[?#]/.test(url) ? 'has a query or a fragment' : undefined
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return 'is not a URL'
  const { username, password, search, hash } = new URL(url)
  if (username !== '' || password !== '') return 'contains a user name or a password; pass these to signIn'
  return search === '' && hash === '' ? undefined : 'has a query or a fragment'
}
