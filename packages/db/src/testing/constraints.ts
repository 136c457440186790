import { createHash, randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { createClient } from '../connection/connect.ts'
import { createTestDatabase } from './test-database.ts'

export type Row = Record<string, unknown>

export const USER = randomUUID()
export const BEN = randomUUID()
const NOBODY = randomUUID()
export const LIST = randomUUID()
export const sha256 = (text: string): string => `\\x${createHash('sha256').update(text).digest('hex')}`
export const AT = '2026-11-22T09:30:00.123Z'

export const DUE = {
  due_date: '2026-11-22',
  due_time: '09:30',
  due_zone: 'Europe/Berlin',
  due_at: '2026-11-22T08:30:00Z',
}

/** A valid row of each table. */
export const ROWS = {
  'auth.users': {
    id: randomUUID(),
    name: 'Somebody Else',
    email: 'else@example.com',
    external_id: null,
    issuer: null,
    disabled_at: null,
    email_verified: false,
    image: null,
    time_zone: 'UTC',
    created_at: AT,
    updated_at: AT,
  },
  'auth.sessions': {
    id: randomUUID(),
    user_id: USER,
    token_hash: sha256('token'),
    expires_at: AT,
    ip_address: null,
    user_agent: null,
    created_at: AT,
    updated_at: AT,
  },
  'auth.accounts': {
    id: randomUUID(),
    user_id: USER,
    provider_id: 'credential',
    account_id: USER,
    created_at: AT,
    updated_at: AT,
  },
  'auth.password_resets': { user_id: USER, token_hash: sha256('x'), expires_at: AT },
  'auth.sign_in_attempts': { key: sha256('x'), spent_until: AT },
  // Its account does not exist: a trigger creates the space of each account that exists.
  'tw.spaces': {
    id: NOBODY,
    kind: 'personal',
    owner_id: NOBODY,
    name: 'Personal',
    revision: 0,
    changed_at: AT,
  },
  'tw.lists': {
    space_id: USER,
    id: randomUUID(),
    name: 'Work',
    name_key: 'work',
    position: '80000001',
    revision: 1,
    created_at: AT,
    updated_at: AT,
  },
  'tw.tasks': {
    space_id: USER,
    id: randomUUID(),
    user_id: null,
    list_id: null,
    title: 'Task',
    description: null,
    complete: false,
    completed_at: null,
    priority: 0,
    tags: [],
    tag_keys: [],
    due_date: null,
    due_time: null,
    due_zone: null,
    due_at: null,
    position: '80000000',
    revision: 1,
    created_at: AT,
    updated_at: AT,
    deleted_at: null,
  },
  'tw.changes': {
    space_id: USER,
    revision: 1,
    commit: 1,
    at: AT,
    actor_kind: 'user',
    actor_user_id: null,
    action: 'create',
    entity: 'task',
    entity_id: randomUUID(),
    before: null,
    after: {},
    redacted: false,
  },
  'tw.mutations': {
    space_id: USER,
    mutation_id: randomUUID(),
    user_id: null,
    payload_hash: sha256(''),
    revision: 0,
    at: AT,
  },
  'tw.api_keys': {
    user_id: USER,
    id: randomUUID(),
    space_id: null,
    name: 'Key',
    scopes: ['account'],
    secret_hash: sha256('key'),
    created_at: AT,
    expires_at: null,
  },
  'tw.service_keys': {
    id: randomUUID(),
    name: 'Key',
    scopes: ['tasks:read'],
    secret_hash: sha256('service key'),
    created_at: AT,
    expires_at: null,
  },
} satisfies Record<string, Row>
export type Table = keyof typeof ROWS

export interface Constraints extends AsyncDisposable {
  admin: Sql
  owner: Sql
  /** The constraint that refuses valid rows with these changes; null if none does. Runs as the tables' owner. */
  refusal(table: Table, ...changes: Row[]): Promise<string | null>
}

/** Creates a database with the rows that ROWS refer to. */
export async function createConstraints(): Promise<Constraints> {
  const database = await createTestDatabase()
  const admin = createClient({ address: database.admin, applicationName: 'test' })
  const owner = createClient({ address: database.owner, applicationName: 'test' })
  await admin`insert into auth.users (id, name, email)
    values (${USER}, 'Somebody', 'somebody@example.com'), (${BEN}, 'Ben', 'ben@example.com')`
  await admin`insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
    values (${USER}, ${LIST}, 'Home', 'home', '80000000', 1, now(), now())`
  // Inserts the rows and rolls back; returns the name of the constraint that refused one, or the SQLSTATE.
  await admin.unsafe(`
    create function public.refusal(target regclass, records jsonb) returns text language plpgsql as $$
    declare record jsonb; refused text;
    begin
      for record in select jsonb_array_elements(records) loop
        execute format('insert into %1$s select * from jsonb_populate_record(null::%1$s, $1)', target) using record;
      end loop;
      raise sqlstate 'TW000';
    exception
      when sqlstate 'TW000' then return null;
      when others then
        get stacked diagnostics refused = constraint_name;
        return coalesce(nullif(refused, ''), sqlstate);
    end $$`)

  return {
    admin,
    owner,
    async refusal(table, ...changes) {
      const rows = changes.map((change) => ({ ...ROWS[table], ...change }))
      const [row] = await owner<
        { refused: string | null }[]
      >`select public.refusal(${table}::regclass, ${JSON.stringify(rows)}::text::jsonb) refused`
      return row?.refused ?? null
    },
    async [Symbol.asyncDispose]() {
      await admin.end()
      await owner.end()
      await database[Symbol.asyncDispose]()
    },
  }
}
