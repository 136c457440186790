import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { LOOPBACK } from '../http/origins.ts'

/** The issuer whose JWTs are accepted as credentials. */
export interface TokenSettings {
  issuer: string
  audience: string
  /** The URL of the issuer's keys; null if the issuer's discovery document names it. */
  jwksUrl: string | null
  /** The age in seconds up to which a token is fresh; null if a token of any age is. */
  freshSeconds: number | null
}

/** True for a URL whose replies nobody in between can change: an https URL, or one of this machine. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopback(text)))
}

const isLoopback = (url: string): boolean => LOOPBACK.test(new URL(url).hostname)

// A connection to 0.0.0.0 or :: arrives at this machine too. The list also finds IPv4 addresses that are mapped to IPv6.
const OWN_ADDRESSES = new BlockList()
OWN_ADDRESSES.addSubnet('127.0.0.0', 8)
OWN_ADDRESSES.addAddress('0.0.0.0')
OWN_ADDRESSES.addAddress('::', 'ipv6')
OWN_ADDRESSES.addAddress('::1', 'ipv6')

/** True for a URL that names this machine. More names count than those with which plain http is allowed. */
function namesThisMachine(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return OWN_ADDRESSES.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
  return /(^|\.)localhost\.?$/.test(host)
}

/**
 * Whether a discovery document may name this URL of keys. One of another machine must not make this process send
 * requests to its own machine.
 */
export function isUrlOfKeys(url: string, issuer: string): boolean {
  return isSecureUrl(url) && (!namesThisMachine(url) || namesThisMachine(issuer))
}

const text = z.string().max(500, { error: 'is longer than 500 characters' }).optional()

export const tokenEnvironment = {
  AUTH_ISSUER: text,
  AUTH_AUDIENCE: text,
  AUTH_JWKS_URL: text.refine((url) => url === undefined || isSecureUrl(url), {
    error: 'is not an https URL, nor an http URL of this machine; use a URL such as https://login.example.com/keys',
  }),
  AUTH_FRESH_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, { error: 'is not a whole number of seconds from 1' })
    .transform(Number)
    .optional(),
}

type Given = z.infer<z.ZodObject<typeof tokenEnvironment>>

/** Returns the settings, or null without an issuer. Adds what is wrong to `problems`. */
export function tokenSettings(given: Given, problems: string[]): TokenSettings | null {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_JWKS_URL: jwksUrl = null } = given
  if (issuer === undefined) {
    const others = Object.keys(tokenEnvironment).filter((name) => given[name as keyof Given] !== undefined)
    if (others.length > 0) problems.push(`AUTH_ISSUER is missing. It is needed for: ${others.join(', ')}.`)
    return null
  }
  if (audience === undefined)
    problems.push(
      'AUTH_AUDIENCE is missing: set it to the audience of tokens for this service, so that tokens for other services are refused.',
    )
  if (jwksUrl === null && !isSecureUrl(issuer))
    problems.push(
      'AUTH_ISSUER is not an https URL, nor an http URL of this machine, so its keys cannot be discovered; set AUTH_JWKS_URL to the URL of its keys.',
    )
  return { issuer, audience: audience ?? '', jwksUrl, freshSeconds: given.AUTH_FRESH_SECONDS ?? null }
}
