import type { Access } from '@taskwire/contract'
import type { TestService } from '../service.ts'
import { addKey, addServiceKey, addSession, type Headers } from './credentials.ts'
import type { Outcome } from './row.ts'
import type { TestAccount } from './test-account.ts'

/** A kind of caller. */
export interface CallerKind {
  name: string
  /** Returns the outcome of a valid call to a procedure with this access. */
  outcome(access: Access): Outcome
  /** Returns the headers of such a caller, who is this account's user or acts for that user. */
  headers(account: TestAccount): Promise<Headers>
}

/** Every set of scopes that is tested. */
export const SCOPES: readonly string[][] = [
  ['tasks:read'],
  ['tasks:write'],
  ['account'],
  ['tasks:read', 'account'],
  ['tasks:read', 'tasks:write', 'account'],
]
export const WRITE: readonly string[] = ['tasks:write']
export const EVERYTHING: readonly string[] = ['tasks:read', 'tasks:write', 'account']

/** A signed-in user may do everything except manage accounts. */
export const allowed = (access: Access): Outcome => (access === 'users' ? 'FORBIDDEN' : 'OK')
export const unauthenticated = (access: Access): Outcome => (access === 'public' ? 'OK' : 'UNAUTHENTICATED')
export const forbidden = (access: Access): Outcome => (access === 'public' ? 'OK' : 'FORBIDDEN')
/** A service key for tasks that names an unknown user. */
export const userUnknown = (access: Access): Outcome =>
  access === 'public' ? 'OK' : access === 'users' ? 'FORBIDDEN' : 'USER_UNKNOWN'
/** A caller that names another user's space. Procedures on the account ignore the space. */
export const inOtherSpace = (access: Access): Outcome => (access.startsWith('tasks:') ? 'NOT_FOUND' : allowed(access))
export const withScopes =
  (scopes: readonly string[]) =>
  (access: Access): Outcome => {
    const held = scopes.includes('tasks:write') ? [...scopes, 'tasks:read'] : scopes
    return access === 'public' || access.split(' ').every((scope) => held.includes(scope)) ? 'OK' : 'FORBIDDEN'
  }

/** A time in the past, as SQL. */
export const PAST = `now() - interval '1 second'`

/** Functions that add credentials of an account. */
export interface Credentials {
  session(account: TestAccount): Promise<string>
  key(account: TestAccount, scopes: readonly string[], options?: Parameters<typeof addKey>[3]): Promise<string>
  serviceKey(scopes: readonly string[], expires?: string): Promise<string>
}

export function credentialsIn(service: TestService): Credentials {
  return {
    session: async ({ id }) => await addSession(service, id),
    key: async ({ id }, scopes, options) => await addKey(service, id, scopes, options),
    serviceKey: async (scopes, expires) => await addServiceKey(service, scopes, expires),
  }
}
