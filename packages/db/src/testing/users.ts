import { createHash, randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import type { Caller, MutationIdentity } from '../caller.ts'
import { arrayText } from '../statement.ts'

export interface TestUser {
  id: string
  caller: Caller
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
const callerOf = (token: string, actingAs: string | null = null): Caller => ({
  credential: sha256(token),
  actingAs,
  spaceId: null,
})
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString()
const HOUR = 3_600_000

/** A caller with an unknown credential. */
export function stranger(): Caller {
  return callerOf(randomUUID())
}

/** Adds an account with a session, by a superuser's connection. Its personal space has the same id. */
export async function addUser(admin: Sql, { sessionMs = HOUR } = {}): Promise<TestUser> {
  const [id, token] = [randomUUID(), randomUUID()]
  await admin`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
  await admin`insert into auth.sessions (user_id, token_hash, expires_at)
    values (${id}, ${sha256(token)}, ${inMs(sessionMs)})`
  return { id, caller: callerOf(token) }
}

/** Adds a second space to an account, which no procedure can do yet; returns its id. */
export async function addSpace(admin: Sql, { id: owner }: TestUser): Promise<string> {
  const id = randomUUID()
  await admin`alter table tw.spaces drop constraint if exists spaces_owner_id_check`
  await admin`insert into tw.spaces (id, owner_id) values (${id}, ${owner})`
  return id
}

/** Adds an API key to an account, limited to a space if one is given. */
export async function addKey(
  admin: Sql,
  { id }: TestUser,
  scopes: string[],
  expiresMs: number | null = null,
  spaceId: string | null = null,
): Promise<Caller> {
  const secret = randomUUID()
  await admin`insert into tw.api_keys (user_id, id, space_id, name, scopes, secret_hash, created_at, expires_at)
    values (${id}, ${randomUUID()}, ${spaceId}, 'Key', ${arrayText(scopes)}, ${sha256(secret)}, now(), ${expiresMs === null ? null : inMs(expiresMs)})`
  return callerOf(secret)
}

/** Adds a service key; returns a function that makes a caller of the key and the user that it acts for. */
export async function addServiceKey(
  admin: Sql,
  scopes: string[],
  expiresMs: number | null = null,
): Promise<(actingAs: string | null) => Caller> {
  const secret = randomUUID()
  await admin`insert into tw.service_keys (id, name, scopes, secret_hash, expires_at)
    values (${randomUUID()}, ${secret}, ${arrayText(scopes)}, ${sha256(secret)}, ${expiresMs === null ? null : inMs(expiresMs)})`
  return (actingAs) => callerOf(secret, actingAs)
}

export function newMutation(payload = 'payload'): MutationIdentity {
  return { id: randomUUID(), payload: sha256(payload) }
}

/**
 * The mutations that are durable in a personal space, by revision. Throws unless each has its list, its record and its
 * revision.
 */
export async function durable(admin: Sql, { id }: TestUser): Promise<string[]> {
  const [row] = await admin<{ mutations: string[]; lists: number; revision: number }[]>`select
    (select coalesce(json_agg(mutation_id order by revision), '[]') from tw.mutations where space_id = ${id}) as mutations,
    (select count(*)::int from tw.lists where space_id = ${id}) as lists,
    (select revision::int from tw.spaces where id = ${id}) as revision`
  if (row === undefined) throw new Error('The database returned no row')
  const { mutations, lists, revision } = row
  if (lists !== mutations.length || revision !== mutations.length)
    throw new Error(`Half-written: revision ${revision}, ${lists} lists, ${mutations.length} mutations`)
  return mutations
}
