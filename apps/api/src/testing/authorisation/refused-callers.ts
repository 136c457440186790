import { createHash, randomUUID } from 'node:crypto'
import { createClient } from '@taskwire/client'
import type { TestService } from '../service.ts'
import {
  type CallerKind,
  credentialsIn,
  EVERYTHING,
  forbidden,
  PAST,
  unauthenticated,
  userUnknown,
  WRITE,
} from './caller-kind.ts'
import { acting, addSession, bearer, cookie, newToken } from './credentials.ts'

/** Callers without a valid credential, and callers that may not act for the user that they name. */
export function refusedCallers(service: TestService, sessionBefore: string): CallerKind[] {
  const { session, key, serviceKey } = credentialsIn(service)
  return [
    { name: 'a caller without a credential', outcome: unauthenticated, headers: async () => ({}) },
    {
      name: 'a caller without a credential who names a user',
      outcome: unauthenticated,
      headers: async (account) => acting(account.id),
    },
    { name: 'an unknown bearer token', outcome: unauthenticated, headers: async () => bearer(newToken()) },
    {
      name: 'the id of the user as a bearer',
      outcome: unauthenticated,
      headers: async (account) => bearer(account.id),
    },
    {
      name: 'the hash of a token as a bearer',
      outcome: unauthenticated,
      headers: async (account) =>
        bearer(
          createHash('sha256')
            .update(await session(account))
            .digest('hex'),
        ),
    },
    {
      name: 'a session in another scheme',
      outcome: unauthenticated,
      headers: async (account) => ({ authorization: `Basic ${await session(account)}` }),
    },
    {
      name: 'an unknown bearer token beside a valid cookie',
      outcome: unauthenticated,
      headers: async (account) => ({ ...cookie(await session(account)), ...bearer(newToken()) }),
    },
    {
      name: 'a session that was signed out',
      outcome: unauthenticated,
      async headers(account) {
        const headers = bearer(await session(account))
        const { status } = await fetch(`${service.url}/auth/sign-out`, { method: 'POST', headers })
        if (status !== 200) throw new Error(`The sign-out answered ${status}`)
        return headers
      },
    },
    {
      name: 'a session from before the password was changed elsewhere',
      outcome: unauthenticated,
      async headers() {
        const [email, password] = [`${randomUUID()}@example.com`, 'the password of before']
        const post = async (path: string, body: object, token?: string): Promise<{ token: string }> => {
          const headers = { 'content-type': 'application/json', ...(token !== undefined && bearer(token)) }
          const response = await fetch(`${service.url}/auth/${path}`, {
            method: 'POST',
            headers,
            body: JSON.stringify(body),
          })
          if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
          // The reply of a sign-up and a sign-in.
          return (await response.json()) as { token: string }
        }
        const { token } = await post('sign-up/email', { email, password, name: 'Somebody' })
        const elsewhere = await post('sign-in/email', { email, password })
        const change = { currentPassword: password, newPassword: 'the password of after' }
        await post('change-password', change, elsewhere.token)
        return bearer(token)
      },
    },
    { name: 'a session from before a restore', outcome: unauthenticated, headers: async () => bearer(sessionBefore) },
    {
      name: 'a session that has expired',
      outcome: unauthenticated,
      headers: async (account) => bearer(await addSession(service, account.id, PAST)),
    },
    {
      name: 'the session of an account that was erased',
      outcome: unauthenticated,
      async headers(account) {
        const token = await session(account)
        await createClient({ url: service.url, token }).me.delete.mutate({})
        return bearer(token)
      },
    },
    {
      name: 'the key of an account that was erased',
      outcome: unauthenticated,
      async headers(account) {
        const secret = await key(account, EVERYTHING)
        await account.client.me.delete.mutate({})
        return bearer(secret)
      },
    },
    {
      name: 'a key that has expired',
      outcome: unauthenticated,
      headers: async (account) => bearer(await key(account, EVERYTHING, { expires: PAST })),
    },
    {
      name: 'a key that was revoked',
      outcome: unauthenticated,
      async headers(account) {
        const { key: created, secret } = await account.client.keys.create.mutate({
          name: 'key',
          scopes: ['tasks:read', 'tasks:write', 'account'],
        })
        await account.client.keys.revoke.mutate({ id: created.id })
        return bearer(secret)
      },
    },
    {
      name: "a service's key that has expired",
      outcome: unauthenticated,
      headers: async (account) => ({ ...bearer(await serviceKey(WRITE, PAST)), ...acting(account.id) }),
    },
    {
      name: "a service's key that was revoked",
      outcome: unauthenticated,
      async headers(account) {
        const secret = await serviceKey(WRITE)
        await service.admin(`delete from tw.service_keys where name = $1`, [secret])
        return { ...bearer(secret), ...acting(account.id) }
      },
    },

    {
      name: 'a session that names a user',
      outcome: forbidden,
      headers: async (account) => ({ ...bearer(await session(account)), ...acting(account.id) }),
    },
    {
      name: 'a cookie that names a user',
      outcome: forbidden,
      headers: async (account) => ({ ...cookie(await session(account)), ...acting(account.id) }),
    },
    {
      name: "a user's key that names a user",
      outcome: forbidden,
      headers: async (account) => ({ ...bearer(await key(account, EVERYTHING)), ...acting(account.id) }),
    },
    {
      name: "a service's key without a user",
      outcome: forbidden,
      headers: async () => bearer(await serviceKey(WRITE)),
    },
    ...Object.entries({
      'an unknown user': randomUUID(),
      'an empty user': '',
      'an invalid id': "x' or 1=1",
      'two users': `${randomUUID()}, ${randomUUID()}`,
    }).map(([name, user]) => ({
      name: `a service's key for ${name}`,
      outcome: userUnknown,
      headers: async () => ({ ...bearer(await serviceKey(WRITE)), ...acting(user) }),
    })),
    {
      name: "a service's key for an account that was erased",
      outcome: userUnknown,
      async headers(account) {
        await account.client.me.delete.mutate({})
        return { ...bearer(await serviceKey(WRITE)), ...acting(account.id) }
      },
    },
  ]
}
