import { randomUUID } from 'node:crypto'
import { type TestIssuer, withHeader } from '../issuer.ts'
import type { TestService } from '../service.ts'
import {
  allowed,
  type CallerKind,
  credentialsIn,
  forbidden,
  inOtherSpace,
  unauthenticated,
  userUnknown,
  withScopes,
  WRITE,
} from './caller-kind.ts'
import { acting, actingExternally, bearer, cookie, inSpace } from './credentials.ts'
import { createTestAccount, type TestAccount } from './test-account.ts'

/** Callers with a token of the issuer, service keys that name an external id or manage accounts, and disabled accounts. */
export function tokenCallers(service: TestService, issuer: TestIssuer): CallerKind[] {
  const { session, key, serviceKey } = credentialsIn(service)
  /** Gives the account an external id, and returns it. */
  async function externalIdOf({ id }: TestAccount): Promise<string> {
    const externalId = `user|${randomUUID()}`
    await service.admin('update auth.users set external_id = $1 where id = $2', [externalId, id])
    return externalId
  }
  const tokenOf = async (account: TestAccount, ...more: [object?, Record<string, unknown>?]): Promise<string> =>
    await issuer.sign(await externalIdOf(account), { ...more[0] }, more[1])
  const now = Math.floor(Date.now() / 1000)
  /** The token of another user, whose account does not exist. */
  const another = async (): Promise<string> => await issuer.sign(randomUUID())
  const refusedTokens: Record<string, (account: TestAccount) => Promise<string>> = {
    'without an algorithm': async (account) => withHeader(await tokenOf(account), { alg: 'none' }),
    'without a signature': async (account) => withHeader(await tokenOf(account), { alg: 'none' }, ''),
    'signed with the public key as a secret': async (account) => issuer.signSymmetrically(await externalIdOf(account)),
    'with the signature of another token': async (account) =>
      withHeader(await tokenOf(account), { alg: 'ES256' }, (await another()).split('.')[2]),
    'of another issuer': async (account) => await tokenOf(account, { iss: 'https://other.example.com' }),
    'for another audience': async (account) => await tokenOf(account, { aud: 'https://other.example.com' }),
    'that has expired': async (account) => await tokenOf(account, { exp: now - 60 }),
    'that starts later': async (account) => await tokenOf(account, { nbf: now + 3600 }),
    'issued in the future': async (account) => await tokenOf(account, { iat: now + 3600 }),
    'with an unknown key id': async (account) => await tokenOf(account, {}, { kid: 'unknown' }),
    'that is too long': async (account) => (await tokenOf(account)).padEnd(9000, 'x'),
    "of a user whose account is another issuer's": async (account) => {
      const token = await tokenOf(account)
      await service.admin(`update auth.users set issuer = sha256('another') where id = $1`, [account.id])
      return token
    },
  }
  return [
    { name: 'the token of an issuer', outcome: allowed, headers: async (account) => bearer(await tokenOf(account)) },
    {
      name: "the token of an issuer, in another's space",
      outcome: inOtherSpace,
      headers: async (account) => ({
        ...bearer(await tokenOf(account)),
        ...inSpace((await createTestAccount(service, 'another')).id),
      }),
    },
    {
      name: "a service's key that names an external id",
      outcome: withScopes(WRITE),
      headers: async (account) => ({
        ...bearer(await serviceKey(WRITE)),
        ...actingExternally(await externalIdOf(account)),
      }),
    },
    {
      name: "a service's key that manages accounts",
      outcome: (access) => (access === 'users' || access === 'public' ? 'OK' : 'FORBIDDEN'),
      headers: async () => bearer(await serviceKey(['users'])),
    },
    {
      name: "a service's key that manages accounts and names a user",
      outcome: (access) => (access === 'users' ? 'FORBIDDEN' : withScopes(WRITE)(access)),
      headers: async (account) => ({ ...bearer(await serviceKey(['users', ...WRITE])), ...acting(account.id) }),
    },

    ...Object.entries(refusedTokens).map(([name, token]) => ({
      name: `a token ${name}`,
      outcome: unauthenticated,
      headers: async (account: TestAccount) => bearer(await token(account)),
    })),
    {
      name: 'an invalid token beside a valid cookie',
      outcome: unauthenticated,
      headers: async (account) => ({ ...cookie(await session(account)), ...bearer('a.b.c') }),
    },
    {
      name: 'a token as a cookie',
      outcome: unauthenticated,
      headers: async (account) => cookie(await tokenOf(account)),
    },
    {
      name: 'a token that names a user',
      outcome: forbidden,
      headers: async (account) => ({ ...bearer(await tokenOf(account)), ...acting(account.id) }),
    },
    {
      name: 'a token that names an external id',
      outcome: forbidden,
      headers: async (account) => ({ ...bearer(await tokenOf(account)), ...actingExternally('a') }),
    },
    {
      name: 'a session that names an external id',
      outcome: forbidden,
      headers: async (account) => ({
        ...bearer(await session(account)),
        ...actingExternally(await externalIdOf(account)),
      }),
    },
    {
      name: "a user's key that names an external id",
      outcome: forbidden,
      headers: async (account) => ({
        ...bearer(await key(account, WRITE)),
        ...actingExternally(await externalIdOf(account)),
      }),
    },
    {
      name: "a service's key with both headers",
      outcome: forbidden,
      headers: async (account) => ({
        ...bearer(await serviceKey(WRITE)),
        ...acting(account.id),
        ...actingExternally(await externalIdOf(account)),
      }),
    },
    ...['', 'unknown', 'x'.repeat(201), '\0'].map((externalId) => ({
      name: `a service's key for the external id ${externalId.slice(0, 10)}`,
      outcome: userUnknown,
      headers: async () => ({ ...bearer(await serviceKey(WRITE)), ...actingExternally(externalId) }),
    })),

    ...Object.entries<(account: TestAccount) => Promise<Record<string, string>>>({
      'a session': async (account) => bearer(await session(account)),
      'a cookie': async (account) => cookie(await session(account)),
      "a user's key": async (account) => bearer(await key(account, ['account', ...WRITE])),
      'a token': async (account) => bearer(await tokenOf(account)),
    }).map(([name, headersOf]) => ({
      name: `${name} of a disabled account`,
      outcome: unauthenticated,
      async headers(account: TestAccount) {
        const headers = await headersOf(account)
        await service.admin('update auth.users set disabled_at = now() where id = $1', [account.id])
        return headers
      },
    })),
  ]
}
