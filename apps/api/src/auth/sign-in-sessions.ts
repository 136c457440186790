import { randomInt } from 'node:crypto'
import { prepare, sql, type Statements } from '@taskwire/db'
import { type Credential, credentialHash, sessionCookie } from './credential.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { reply } from './sign-in-replies.ts'

/** Sends one statement, outside of transactions and with a deadline. */
export type Send = Statements['query']

/** One request to /auth, and what is needed to serve it. */
export interface SignInCall {
  send: Send
  passwords: PasswordHashing
  /** Whether the cookie is for HTTPS only. */
  secureCookies: boolean
  /** All credentials of the request; the first one authenticates it. */
  credentials: Credential[]
  /** The client's IP address, stored with a new session. */
  address: string
  /** The client's user agent, stored with a new session. */
  agent: string
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Generates a session's token, and the values that the database stores. */
export function newSession({ address, agent }: Pick<SignInCall, 'address' | 'agent'>): {
  token: string
  values: { session: Uint8Array; address: string; agent: string }
} {
  const token = Array.from({ length: 32 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return { token, values: { session: credentialHash(token), address, agent } }
}

/** The response to a request without a valid session. If the credential was a cookie, the response deletes it. */
export function unauthorized(call: SignInCall): Response {
  return reply(401, { message: 'Unauthorized', code: 'UNAUTHORIZED' }, deletedCookie(call))
}

function deletedCookie({ credentials: [first], secureCookies }: SignInCall): Record<string, string> {
  return first?.kind === 'cookie' ? { 'set-cookie': sessionCookie(secureCookies) } : {}
}

const read = prepare<'session'>((p) => sql`select auth.read_session(${p('session')}::bytea) as found`)

/** Returns the request's session without its token, and the user; null if there is no valid session. */
export async function getSession(call: SignInCall): Promise<Response> {
  const token = call.credentials[0]?.token
  const [row] = token === undefined ? [] : await call.send(read.with({ session: credentialHash(token) }))
  const found = row?.['found'] ?? null
  return reply(200, found, { pragma: 'no-cache', ...(found === null ? deletedCookie(call) : {}) })
}

const end = prepare<'session'>(
  (p) => sql`delete from auth.sessions where token_hash = ${p('session')}::bytea returning expires_at > now() as live`,
)

/** Ends every session whose token the request has. */
export async function signOut({ send, credentials, secureCookies }: SignInCall): Promise<Response> {
  const cookie = { 'set-cookie': sessionCookie(secureCookies) }
  const tokens = new Set(credentials.map(({ token }) => token))
  let ended = 0
  // One statement for each token: statements that lock two rows could deadlock.
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

/** Extends a session with less than six days left to seven days. Does nothing to an expired session. */
export async function extendSession(send: Send, tokenHash: Uint8Array): Promise<void> {
  await send(extend.with({ session: tokenHash }))
}
