import { z } from 'zod'
import { LOOPBACK } from '../http/origins.ts'

/** The issuer whose tokens are credentials. */
export interface TokenSettings {
  issuer: string
  audience: string
  /** Null: by the issuer's discovery document. */
  jwksUrl: string | null
  /** The age in seconds up to which a token is fresh; null: of any age. */
  freshSeconds: number | null
}

/** True for an address that nobody between here and there can change: by https, or on this machine. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopback(text)))
}

export const isLoopback = (address: string): boolean => LOOPBACK.test(new URL(address).hostname)

const text = z.string().max(500, { error: 'is longer than 500 characters' }).optional()

export const tokenEnvironment = {
  AUTH_ISSUER: text,
  AUTH_AUDIENCE: text,
  AUTH_JWKS_URL: text.refine((url) => url === undefined || isSecureUrl(url), {
    error: 'is not an https address, or an http one of this machine; use one such as https://login.example.com/keys',
  }),
  AUTH_FRESH_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, { error: 'is not a whole number of seconds from 1' })
    .transform(Number)
    .optional(),
}

type Given = z.infer<z.ZodObject<typeof tokenEnvironment>>

/** Returns the settings, null without an issuer, and adds to `problems`. */
export function tokenSettings(given: Given, problems: string[]): TokenSettings | null {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_JWKS_URL: jwksUrl = null } = given
  if (issuer === undefined) {
    const others = Object.keys(tokenEnvironment).filter((name) => given[name as keyof Given] !== undefined)
    if (others.length > 0) problems.push(`AUTH_ISSUER is missing: ${others.join(', ')} need it.`)
    return null
  }
  if (audience === undefined)
    problems.push(
      'AUTH_AUDIENCE is missing: with AUTH_ISSUER, name the audience that its tokens for this service have, so that those for others are refused.',
    )
  if (jwksUrl === null && !isSecureUrl(issuer))
    problems.push(
      'AUTH_ISSUER is not an https address, or an http one of this machine, where its keys could be found; set AUTH_JWKS_URL to the address of its keys.',
    )
  return { issuer, audience: audience ?? '', jwksUrl, freshSeconds: given.AUTH_FRESH_SECONDS ?? null }
}
