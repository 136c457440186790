import { randomUUID } from 'node:crypto'
import type { Access } from '@taskwire/contract'
import type { TestIssuer } from '../issuer.ts'
import type { TestService } from '../service.ts'
import { allowed, type CallerKind, credentialsIn, inOtherSpace, SCOPES, withScopes, WRITE } from './caller-kind.ts'
import { acting, bearer, cookie, inSpace } from './credentials.ts'
import { refusedCallers } from './refused-callers.ts'
import { tokenCallers } from './token-callers.ts'
import { createTestAccount, type TestAccount } from './test-account.ts'

/**
 * Returns every kind of caller. The service accepts the tokens of the issuer. Its database was restored from a backup;
 * `sessionBefore` is the token of a session from before the restore.
 */
export function callerKinds(service: TestService, issuer: TestIssuer, sessionBefore: string): CallerKind[] {
  return [...authenticatedCallers(service), ...refusedCallers(service, sessionBefore), ...tokenCallers(service, issuer)]
}

/** Callers with a valid credential, some of which lack the scope, or name another space. */
function authenticatedCallers(service: TestService): CallerKind[] {
  const { session, key, serviceKey } = credentialsIn(service)
  return [
    { name: 'the session as a bearer', outcome: allowed, headers: async (account) => bearer(await session(account)) },
    { name: 'the session as a cookie', outcome: allowed, headers: async (account) => cookie(await session(account)) },
    ...SCOPES.map((scopes) => ({
      name: `a key with ${scopes.join(', ')}`,
      outcome: withScopes(scopes),
      headers: async (account: TestAccount) => bearer(await key(account, scopes)),
    })),
    ...SCOPES.slice(0, 2).map((scopes) => ({
      name: `a service's key with ${scopes.join(', ')}`,
      outcome: withScopes(scopes),
      headers: async (account: TestAccount) => ({ ...bearer(await serviceKey(scopes)), ...acting(account.id) }),
    })),

    {
      name: 'the session, in the personal space by its id',
      outcome: allowed,
      headers: async (account) => ({ ...bearer(await session(account)), ...inSpace(account.id.toUpperCase()) }),
    },
    {
      name: "the session, in another's space",
      outcome: inOtherSpace,
      headers: async (account) => ({
        ...bearer(await session(account)),
        ...inSpace((await createTestAccount(service, 'another')).id),
      }),
    },
    ...Object.entries({ 'with an unknown id': randomUUID(), 'with an empty id': '', 'with a bad id': "x' or 1=1" }).map(
      ([name, space]) => ({
        name: `the session, in a space ${name}`,
        outcome: inOtherSpace,
        headers: async (account: TestAccount) => ({ ...bearer(await session(account)), ...inSpace(space) }),
      }),
    ),
    {
      name: "a service's key, in another's space",
      outcome: (access: Access) => (withScopes(WRITE)(access) === 'OK' ? inOtherSpace(access) : 'FORBIDDEN'),
      headers: async (account) => ({
        ...bearer(await serviceKey(WRITE)),
        ...acting(account.id),
        ...inSpace((await createTestAccount(service, 'another')).id),
      }),
    },

    {
      name: 'a key that is bound to its space',
      outcome: withScopes(WRITE),
      headers: async (account) => bearer(await key(account, WRITE, { spaceId: account.id })),
    },
    {
      name: "a key that is bound to its space, in another's",
      outcome: (access: Access) => (withScopes(WRITE)(access) === 'OK' ? inOtherSpace(access) : 'FORBIDDEN'),
      headers: async (account) => ({
        ...bearer(await key(account, WRITE, { spaceId: account.id })),
        ...inSpace((await createTestAccount(service, 'another')).id),
      }),
    },
  ]
}
