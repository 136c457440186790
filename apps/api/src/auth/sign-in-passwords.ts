import { prepare, type Row, sql } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import type { z } from 'zod'
import { credentialHash, sessionCookie } from './credential.ts'
import { AppError } from '../errors.ts'
import type { passwordChangeInput, passwordResetInput, signInInput, signUpInput } from './sign-in-inputs.ts'
import { reply } from './sign-in-replies.ts'
import { newSession, type SignInCall, unauthorized } from './sign-in-sessions.ts'

const TAKEN = { message: 'User already exists. Use another email.', code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' }
const WRONG = { message: 'Invalid email or password', code: 'INVALID_EMAIL_OR_PASSWORD' }
const WRONG_CURRENT = { message: 'Invalid password', code: 'INVALID_PASSWORD' }
const INVALID_LINK = { message: 'The link is unknown, used or expired; ask for a new one.', code: 'INVALID_TOKEN' }

/** How often a password is checked at most while concurrent requests keep changing it. */
const ATTEMPTS = 3

function stillChanging(): AppError {
  return new AppError('OVERLOADED', 'The password is being changed by another request; retry.', { retryAfterMs: 1000 })
}

const isTaken = prepare<'email'>(
  (p) => sql`select 1 from auth.users where email = ${p('email')} and external_id is null`,
)

const make = prepare<'id' | 'name' | 'email' | 'hash' | 'zone' | 'session' | 'address' | 'agent'>(
  (p) => sql`select auth.user_json(u) as "user" from auth.sign_up(
    ${p('id')}::uuid, ${p('name')}, ${p('email')}, ${p('hash')}, ${p('zone')},
    ${p('session')}::bytea, ${p('address')}, ${p('agent')}) u`,
)

/** Creates an account and a session. */
export async function signUp(call: SignInCall, input: z.infer<typeof signUpInput>): Promise<Response> {
  const { send, passwords, secureCookies } = call
  const { email, name, timeZone: zone } = input
  // Saves the hash if the e-mail address is in use. The unique constraint has the last word.
  if ((await send(isTaken.with({ email }))).length > 0) return reply(422, TAKEN)
  const hash = await passwords.hash(input.password)
  const { token, values } = newSession(call)
  const [row] = await send(make.with({ id: uuidv7(), name, email, hash, zone, ...values }))
  if (row === undefined) return reply(422, TAKEN)
  return reply(200, { token, user: row['user'] }, { 'set-cookie': sessionCookie(secureCookies, token) })
}

const findByEmail = prepare<'email'>(
  (p) => sql`select u.id, a.password, auth.user_json(u) as "user"
    from auth.users u join auth.accounts a on a.user_id = u.id and a.provider_id = 'credential'
    where u.email = ${p('email')} and u.external_id is null and u.disabled_at is null and a.password is not null`,
)

const begin = prepare<'id' | 'verified' | 'renewed' | 'session' | 'address' | 'agent'>(
  (p) => sql`select auth.begin_session(
    ${p('id')}::uuid, ${p('verified')}, ${p('renewed')}, ${p('session')}::bytea, ${p('address')}, ${p('agent')}) as done`,
)

/** Checks the password and creates a session. */
export async function signIn(call: SignInCall, input: z.infer<typeof signInInput>): Promise<Response> {
  const { send, passwords, secureCookies } = call
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [account] = await send(findByEmail.with({ email: input.email }))
    // For an unknown e-mail address a hash is computed too, so that the reply takes as long as for a wrong password.
    const stored = account === undefined ? await passwords.hash(input.password) : hashOf(account)
    if (account === undefined || !(await passwords.verify(input.password, stored))) return reply(401, WRONG)
    const renewed = passwords.isCurrent(stored) ? null : await passwords.hash(input.password)
    const { token, values } = newSession(call)
    const [row] = await send(begin.with({ id: String(account['id']), verified: stored, renewed, ...values }))
    if (row?.['done'] === true)
      return reply(
        200,
        { redirect: false, token, user: account['user'] },
        { 'set-cookie': sessionCookie(secureCookies, token) },
      )
  }
  throw stillChanging()
}

const hashOf = (row: Row): string => String(row['password'])

const findBySession = prepare<'session'>(
  (p) => sql`select a.password, auth.user_json(u) as "user"
    from auth.sessions s join auth.users u on u.id = s.user_id
      join auth.accounts a on a.user_id = u.id and a.provider_id = 'credential'
    where s.token_hash = ${p('session')}::bytea and s.expires_at > now() and u.disabled_at is null and a.password is not null`,
)

const change = prepare<'by' | 'verified' | 'hash' | 'session' | 'address' | 'agent'>(
  (p) => sql`select auth.change_password(${p('by')}::bytea, ${p('verified')}, ${p('hash')},
    ${p('session')}::bytea, ${p('address')}, ${p('agent')}) as done`,
)

/**
 * Changes the password and ends every session of the account. A browser gets a new session as a cookie. A program has to
 * sign in again: scripts of a page could read a new token in the body.
 */
export async function changePassword(call: SignInCall, input: z.infer<typeof passwordChangeInput>): Promise<Response> {
  const { send, passwords, secureCookies, credentials } = call
  const [credential] = credentials
  if (credential === undefined) return unauthorized(call)
  const by = credentialHash(credential.token)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [account] = await send(findBySession.with({ session: by }))
    if (account === undefined) return unauthorized(call)
    const verified = hashOf(account)
    if (!(await passwords.verify(input.currentPassword, verified))) return reply(400, WRONG_CURRENT)
    const hash = await passwords.hash(input.newPassword)
    const { token, values } = newSession(call)
    const isBrowser = credential.kind === 'cookie'
    const [row] = await send(change.with({ by, verified, hash, ...values, session: isBrowser ? values.session : null }))
    if (row?.['done'] === true)
      return reply(
        200,
        { user: account['user'] },
        isBrowser ? { 'set-cookie': sessionCookie(secureCookies, token) } : {},
      )
  }
  throw stillChanging()
}

const findLink = prepare<'link'>(
  (p) => sql`select 1 from auth.password_resets where token_hash = ${p('link')}::bytea and expires_at > now()`,
)

const reset = prepare<'link' | 'hash'>(
  (p) => sql`select auth.reset_password(${p('link')}::bytea, ${p('hash')}) as done`,
)

/** Sets a new password with a link of taskwire-admin, and ends every session of the account. */
export async function resetPassword(call: SignInCall, input: z.infer<typeof passwordResetInput>): Promise<Response> {
  const link = credentialHash(input.token)
  // For an unknown token no hash is computed.
  if ((await call.send(findLink.with({ link }))).length === 0) return reply(400, INVALID_LINK)
  const hash = await call.passwords.hash(input.password)
  const [row] = await call.send(reset.with({ link, hash }))
  return row?.['done'] === true ? reply(200, { status: true }) : reply(400, INVALID_LINK)
}
