import { randomInt } from 'node:crypto'
import { prepare, sql, type Statements } from '@taskwire/db'
import { type Credential, credentialHash, sessionCookie } from './credential.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { reply } from './sign-in-replies.ts'

/** Where the statements of signing in go: each alone, and within a deadline. */
export type Send = Statements['query']

/** One request to /auth, and what answers it. */
export interface SignInCall {
  send: Send
  passwords: PasswordHashing
  /** The cookie goes over HTTPS only. */
  secureCookies: boolean
  /** All that the request presents; it goes by the first. */
  credentials: Credential[]
  /** Kept with a session that it begins. */
  address: string
  agent: string
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A new session's token, and the values by which the database is to keep it. */
export function newSession({ address, agent }: SignInCall): {
  token: string
  values: { session: Uint8Array; address: string; agent: string }
} {
  const token = Array.from({ length: 32 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return { token, values: { session: credentialHash(token), address, agent } }
}

/** Says that there is no live session; a cookie that was looked at goes. */
export function unauthorized(call: SignInCall): Response {
  return reply(401, { message: 'Unauthorized', code: 'UNAUTHORIZED' }, endedCookie(call))
}

function endedCookie({ credentials: [first], secureCookies }: SignInCall): Record<string, string> {
  return first?.kind === 'cookie' ? { 'set-cookie': sessionCookie(secureCookies) } : {}
}

const read = prepare<'session'>((p) => sql`select auth.read_session(${p('session')}::bytea) as found`)

/** The session that the request goes by and its user, never its token; null where it is not live. */
export async function getSession(call: SignInCall): Promise<Response> {
  const token = call.credentials[0]?.token
  const [row] = token === undefined ? [] : await call.send(read.with({ session: credentialHash(token) }))
  const found = row?.['found'] ?? null
  return reply(200, found, { pragma: 'no-cache', ...(found === null ? endedCookie(call) : {}) })
}

const end = prepare<'session'>(
  (p) => sql`delete from auth.sessions where token_hash = ${p('session')}::bytea returning expires_at > now() as live`,
)

/** Ends every session that the request presents. */
export async function signOut({ send, credentials, secureCookies }: SignInCall): Promise<Response> {
  const cookie = { 'set-cookie': sessionCookie(secureCookies) }
  const tokens = new Set(credentials.map(({ token }) => token))
  let ended = 0
  // A statement each, so that none waits for a session's row while it holds another's.
  for (const token of tokens) {
    const [row] = await send(end.with({ session: credentialHash(token) }))
    if (row?.['live'] === true) ended++
  }
  if (ended > 0) return reply(200, { success: true }, cookie)
  return reply(401, { message: 'There is no session to end.', code: 'UNAUTHENTICATED' }, cookie)
}

const endAll = prepare<'session'>((p) => sql`select auth.end_sessions(${p('session')}::bytea) as done`)

/** Ends every session of the account. */
export async function endSessions(call: SignInCall): Promise<Response> {
  const token = call.credentials[0]?.token
  const [row] = token === undefined ? [] : await call.send(endAll.with({ session: credentialHash(token) }))
  if (row?.['done'] !== true) return unauthorized(call)
  return reply(200, { status: true }, { 'set-cookie': sessionCookie(call.secureCookies) })
}

const extend = prepare<'session'>((p) => sql`select auth.extend_session(${p('session')}::bytea)`)

/** Gives a session that has less than six days left seven again. Does nothing to one that has ended. */
export async function extendSession(send: Send, tokenHash: Uint8Array): Promise<void> {
  await send(extend.with({ session: tokenHash }))
}
