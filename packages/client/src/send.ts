import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { ownFailure, tokenFailed, wordsOf } from './errors.ts'

/** The global fetch, or what stands in for it. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

type Token = string | null | undefined
export type TokenOption = string | (() => Token | Promise<Token>)

export interface Sender {
  token?: TokenOption | undefined
  actingAs?: string | undefined
  space?: string | undefined
  fetch?: Fetch | undefined
}

/** Sends a request with what every request has. */
export type Send = (address: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Response>

export function createSend({ token, actingAs, space, fetch }: Sender): Send {
  const cookies: RequestInit = token === undefined ? { credentials: 'include' } : {}
  async function askToken(): Promise<string | undefined> {
    try {
      return typeof token === 'function' ? ((await token()) ?? undefined) : token
    } catch (cause) {
      throw tokenFailed(cause)
    }
  }
  return async (address, init) => {
    const credential = await askToken()
    requireHeader(credential, 'UNAUTHENTICATED', 'The token')
    requireHeader(actingAs, 'FORBIDDEN', 'actingAs')
    requireHeader(space, 'VALIDATION', 'space')
    if (address.startsWith('/') && fetch === undefined && globalThis.location === undefined)
      throw ownFailure('VALIDATION', 'The url of the service is relative, which works in a page only; give all of it')
    const headers = {
      ...init.headers,
      'x-taskwire-contract': CONTRACT_HEADER,
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      ...(actingAs === undefined ? {} : { 'x-taskwire-user': actingAs }),
      ...(space === undefined ? {} : { 'x-taskwire-space': space }),
    }
    // The global one is looked up for each request: tracing, or a test, may replace it.
    return await (fetch ?? globalThis.fetch)(address, { ...init, headers, ...cookies })
  }
}

/** Refuses what no header may have. Of it fetch throws a TypeError, as of a lost connection, that shows the value. */
export function requireHeader(
  value: string | undefined,
  appCode: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'VALIDATION',
  name: string,
): void {
  // White space at the end is left out.
  if (value !== undefined && !/^[\t -~\u0080-\u00ff]*[\t\r\n ]*$/.test(value))
    throw ownFailure(appCode, `${name} holds a character that no header may have`)
}

/** An input as it is sent; throws VALIDATION where it cannot be. */
export function jsonOf(read: () => unknown): string {
  let cause: unknown
  try {
    // A function has none, whatever the type says.
    const json = JSON.stringify(read()) as string | undefined
    if (json !== undefined) return json
  } catch (thrown) {
    cause = thrown
  }
  const message = `cannot be sent as JSON${cause === undefined ? '' : `: ${wordsOf(cause)}`}`
  throw ownFailure('VALIDATION', `The input ${message}`, { cause, fields: [{ path: '', message }] })
}

/** The address without the paths that the client adds itself. @throws TypeError where it is none. */
export function baseOf(url: string): string {
  const wrong = whatIsWrong(url)
  if (wrong !== undefined)
    throw new TypeError(`The url of the service ${wrong}; give one such as https://tasks.example.com`)
  return url.replace(/\/+$/, '').replace(/\/(trpc|auth)$/, '')
}

function whatIsWrong(url: string): string | undefined {
  if (/^(\/|$)/.test(url)) return /[?#]/.test(url) ? 'has a query or a fragment' : undefined
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return 'is not an address'
  const { username, password, search, hash } = new URL(url)
  if (username !== '' || password !== '') return 'holds a name or a password, which are given to signIn'
  return search === '' && hash === '' ? undefined : 'has a query or a fragment'
}
