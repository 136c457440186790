import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { type Client, createClient } from '@taskwire/client'
import type { Access } from '@taskwire/contract'
import { toCursor } from '../../procedures/cursor.ts'
import { newSecret } from '../../procedures/keys/keys.ts'
import type { TestService } from '../service.ts'
import type { Kind, Own, Outcome } from './matrix.ts'

/** A user by SQL alone, and what makes things of theirs. */
export interface Person {
  id: string
  client: Client
  own: Own
  /** A task of theirs in the trash, and one that is gone for good. */
  trashed(): Promise<string>
  purged(): Promise<string>
}

const NIL = '00000000-0000-0000-0000-000000000000'

type Headers = Record<string, string>

export const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` })
const newToken = (): string => randomBytes(16).toString('hex')

async function addSession(
  service: TestService,
  userId: string,
  expires = 'now() + interval $$7 days$$',
): Promise<string> {
  const token = newToken()
  await service.admin(
    `insert into auth.sessions (user_id, token_hash, expires_at) values ($1, sha256(convert_to($2, 'UTF8')), ${expires})`,
    [userId, token],
  )
  return token
}

/** `canary` stands in every text of theirs. */
export async function addPerson(service: TestService, canary: string): Promise<Person> {
  const id = randomUUID()
  await service.admin(`insert into auth.users (id, name, email) values ($1, $2, $3)`, [id, canary, `${id}@example.com`])
  const client = createClient({ url: service.url, token: await addSession(service, id), retry: { tries: 1 } })
  let made = 0
  const text = (): string => `${canary}${++made}`
  const task = async (more: object = {}): Promise<string> =>
    (await client.tasks.create.mutate({ title: text(), ...more })).id
  /** The cursor of a first page, when there are two things at least. */
  async function cursor(
    things: { list: { query(input: { limit: number }): Promise<{ nextCursor: string | null }> } },
    add: () => Promise<unknown>,
  ): Promise<string> {
    for (;;) {
      const { nextCursor } = await things.list.query({ limit: 1 })
      if (nextCursor !== null) return nextCursor
      await add()
    }
  }
  const makers: Record<Kind, () => Promise<string>> = {
    task,
    async list() {
      const list = await client.lists.create.mutate({ name: text() })
      await task({ listId: list.id })
      return list.id
    },
    key: async () => (await client.keys.create.mutate({ name: text(), scopes: ['account'] })).key.id,
    space: async () => id,
    commit: async () => String((await client.tasks.create.mutate({ title: text() })).revision),
    async tag() {
      const tag = text()
      await task({ tags: [tag] })
      return tag
    },
    async word() {
      const title = text()
      await client.tasks.create.mutate({ title })
      return title
    },
    'cursor of tasks': async () => await cursor(client.tasks, task),
    'cursor of lists': async () => await cursor(client.lists, makers.list),
    'cursor of tags': async () => await cursor(client.tags, makers.tag),
    'cursor of keys': async () => await cursor(client.keys, makers.key),
    // As that of a first page; for a real one it would take more rows than a page has.
    'cursor of export': async () => toCursor('me.export', id, [NIL, NIL, '0', NIL, '1']),
  }
  return {
    id,
    client,
    own: async (kind) => await makers[kind](),
    async trashed() {
      const { id: gone } = await client.tasks.delete.mutate({ id: await task() })
      return gone
    },
    async purged() {
      const { id: gone } = await client.tasks.purge.mutate({ id: await task() })
      return gone
    },
  }
}

/** Names nothing of anybody's, cursors aside. */
export function missing(kind: Kind): string {
  return kind === 'commit' ? '8000000000000' : randomUUID()
}

/** One kind of caller. */
export interface CallerKind {
  name: string
  /** How a call that is right otherwise ends. */
  may(access: Access): Outcome
  /** What such a caller sends, who is this person or acts for them. */
  headers(person: Person): Promise<Headers>
}

const SCOPES: string[][] = [
  ['tasks:read'],
  ['tasks:write'],
  ['account'],
  ['tasks:read', 'account'],
  ['tasks:read', 'tasks:write', 'account'],
]

/**
 * Every kind of caller, those that are refused among them. The service's database was restored from a backup, of which
 * `sessionBefore` is the token of a session.
 */
export function callerKinds(service: TestService, sessionBefore: string): CallerKind[] {
  const key = async (
    { id }: Person,
    scopes: readonly string[],
    { expires = 'null', bound = null }: { expires?: string; bound?: string | null } = {},
  ): Promise<string> => {
    const { secret } = newSecret('key')
    await service.admin(
      `insert into tw.api_keys (user_id, id, space_id, name, scopes, secret_hash, created_at, expires_at)
       values ($1, gen_random_uuid(), $4, 'key', string_to_array($2, ','), sha256(convert_to($3, 'UTF8')), now(), ${expires})`,
      [id, scopes.join(','), secret, bound],
    )
    return secret
  }
  const serviceKey = async (scopes: readonly string[], expires = 'null'): Promise<string> => {
    const { secret } = newSecret('service')
    await service.admin(
      `insert into tw.service_keys (id, name, scopes, secret_hash, expires_at)
       values (gen_random_uuid(), $1::text, string_to_array($2, ','), sha256(convert_to($1, 'UTF8')), ${expires})`,
      [secret, scopes.join(',')],
    )
    return secret
  }
  const cookie = (token: string): Headers => ({ cookie: `taskwire.session_token=${token}` })
  const acting = (user: string): Headers => ({ 'x-taskwire-user': user })
  const inSpace = (space: string): Headers => ({ 'x-taskwire-space': space })
  const all = (): Outcome => 'OK'
  const unknown = (access: Access): Outcome => (access === 'public' ? 'OK' : 'UNAUTHENTICATED')
  const forbidden = (access: Access): Outcome => (access === 'public' ? 'OK' : 'FORBIDDEN')
  const lost = (access: Access): Outcome => (access === 'public' ? 'OK' : 'USER_UNKNOWN')
  // What belongs to the account is the same from every space.
  const elsewhere = (access: Access): Outcome => (access.startsWith('tasks:') ? 'NOT_FOUND' : 'OK')
  const holding =
    (scopes: readonly string[]) =>
    (access: Access): Outcome => {
      const held = scopes.includes('tasks:write') ? [...scopes, 'tasks:read'] : scopes
      return access === 'public' || access.split(' ').every((scope) => held.includes(scope)) ? 'OK' : 'FORBIDDEN'
    }
  const past = `now() - interval '1 second'`
  const session = async ({ id }: Person): Promise<string> => await addSession(service, id)
  const [write = [], everything = []] = [SCOPES[1], SCOPES[4]]

  return [
    { name: 'the session as a bearer', may: all, headers: async (p) => bearer(await session(p)) },
    { name: 'the session as a cookie', may: all, headers: async (p) => cookie(await session(p)) },
    ...SCOPES.map((scopes) => ({
      name: `a key with ${scopes.join(', ')}`,
      may: holding(scopes),
      headers: async (p: Person) => bearer(await key(p, scopes)),
    })),
    ...SCOPES.slice(0, 2).map((scopes) => ({
      name: `a service's key with ${scopes.join(', ')}`,
      may: holding(scopes),
      headers: async (p: Person) => ({ ...bearer(await serviceKey(scopes)), ...acting(p.id) }),
    })),

    {
      name: 'the session, in the personal space by its id',
      may: all,
      headers: async (p) => ({ ...bearer(await session(p)), ...inSpace(p.id.toUpperCase()) }),
    },
    {
      name: "the session, in another's space",
      may: elsewhere,
      headers: async (p) => ({ ...bearer(await session(p)), ...inSpace((await addPerson(service, 'another')).id) }),
    },
    ...Object.entries({ 'that is not there': randomUUID(), 'without an id': '', 'that is no id': "x' or 1=1" }).map(
      ([name, space]) => ({
        name: `the session, in a space ${name}`,
        may: elsewhere,
        headers: async (p: Person) => ({ ...bearer(await session(p)), ...inSpace(space) }),
      }),
    ),
    {
      name: "a service's key, in another's space",
      may: (access: Access) => (holding(write)(access) === 'OK' ? elsewhere(access) : 'FORBIDDEN'),
      headers: async (p) => ({
        ...bearer(await serviceKey(write)),
        ...acting(p.id),
        ...inSpace((await addPerson(service, 'another')).id),
      }),
    },

    {
      name: 'a key that is bound to its space',
      may: holding(write),
      headers: async (p) => bearer(await key(p, write, { bound: p.id })),
    },
    {
      name: "a key that is bound to its space, in another's",
      may: (access: Access) => (holding(write)(access) === 'OK' ? elsewhere(access) : 'FORBIDDEN'),
      headers: async (p) => ({
        ...bearer(await key(p, write, { bound: p.id })),
        ...inSpace((await addPerson(service, 'another')).id),
      }),
    },

    { name: 'nobody', may: unknown, headers: async () => ({}) },
    { name: 'nobody who names a user', may: unknown, headers: async (p) => acting(p.id) },
    { name: 'an unknown bearer', may: unknown, headers: async () => bearer(newToken()) },
    { name: 'the id of the user as a bearer', may: unknown, headers: async (p) => bearer(p.id) },
    {
      name: 'the hash of a token as a bearer',
      may: unknown,
      headers: async (p) =>
        bearer(
          createHash('sha256')
            .update(await session(p))
            .digest('hex'),
        ),
    },
    {
      name: 'a session in another scheme',
      may: unknown,
      headers: async (p) => ({ authorization: `Basic ${await session(p)}` }),
    },
    {
      name: 'an unknown bearer beside a good cookie',
      may: unknown,
      headers: async (p) => ({ ...cookie(await session(p)), ...bearer(newToken()) }),
    },
    {
      name: 'a session that was signed out',
      may: unknown,
      async headers(p) {
        const headers = bearer(await session(p))
        const { status } = await fetch(`${service.url}/auth/sign-out`, { method: 'POST', headers })
        if (status !== 200) throw new Error(`The sign-out answered ${status}`)
        return headers
      },
    },
    {
      name: 'a session of before the password was changed elsewhere',
      may: unknown,
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
    { name: 'a session of before a restore', may: unknown, headers: async () => bearer(sessionBefore) },
    {
      name: 'a session that has expired',
      may: unknown,
      headers: async (p) => bearer(await addSession(service, p.id, past)),
    },
    {
      name: 'the session of an account that was erased',
      may: unknown,
      async headers(p) {
        const token = await session(p)
        await createClient({ url: service.url, token }).me.delete.mutate({})
        return bearer(token)
      },
    },
    {
      name: 'the key of an account that was erased',
      may: unknown,
      async headers(p) {
        const secret = await key(p, everything)
        await p.client.me.delete.mutate({})
        return bearer(secret)
      },
    },
    {
      name: 'a key that has expired',
      may: unknown,
      headers: async (p) => bearer(await key(p, everything, { expires: past })),
    },
    {
      name: 'a key that was revoked',
      may: unknown,
      async headers(p) {
        const { key: made, secret } = await p.client.keys.create.mutate({
          name: 'key',
          scopes: ['tasks:read', 'tasks:write', 'account'],
        })
        await p.client.keys.revoke.mutate({ id: made.id })
        return bearer(secret)
      },
    },
    {
      name: "a service's key that has expired",
      may: unknown,
      headers: async (p) => ({ ...bearer(await serviceKey(write, past)), ...acting(p.id) }),
    },
    {
      name: "a service's key that was revoked",
      may: unknown,
      async headers(p) {
        const secret = await serviceKey(write)
        await service.admin(`delete from tw.service_keys where name = $1`, [secret])
        return { ...bearer(secret), ...acting(p.id) }
      },
    },

    {
      name: 'a session that names a user',
      may: forbidden,
      headers: async (p) => ({ ...bearer(await session(p)), ...acting(p.id) }),
    },
    {
      name: 'a cookie that names a user',
      may: forbidden,
      headers: async (p) => ({ ...cookie(await session(p)), ...acting(p.id) }),
    },
    {
      name: "a user's key that names a user",
      may: forbidden,
      headers: async (p) => ({ ...bearer(await key(p, everything)), ...acting(p.id) }),
    },
    { name: "a service's key for nobody", may: forbidden, headers: async () => bearer(await serviceKey(write)) },
    ...Object.entries({
      'an unknown user': randomUUID(),
      'an empty user': '',
      'what is no id': "x' or 1=1",
      'two users': `${randomUUID()}, ${randomUUID()}`,
    }).map(([name, user]) => ({
      name: `a service's key for ${name}`,
      may: lost,
      headers: async () => ({ ...bearer(await serviceKey(write)), ...acting(user) }),
    })),
    {
      name: "a service's key for an account that was erased",
      may: lost,
      async headers(p) {
        await p.client.me.delete.mutate({})
        return { ...bearer(await serviceKey(write)), ...acting(p.id) }
      },
    },
  ]
}
