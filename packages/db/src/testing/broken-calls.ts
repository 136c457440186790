import { expect } from 'vitest'
import type { MutationIdentity } from '../caller.ts'
import { type Database } from '../caller-session.ts'
import { statement, sql } from '../statement.ts'
import { PATIENT } from './index.ts'
import { newList } from './mutations.ts'
import { type ProxiedServer, startProxiedServer } from './proxied-server.ts'
import { read } from './read.ts'
import { durable, newMutation, type TestUser } from './users.ts'

const NOBODY = '00000000-0000-0000-0000-000000000000'

/** All lists that the caller may read. */
export const everything = statement(sql`select space_id from tw.lists`)
/** The space and the account that the policies compare with. */
export const me = statement(sql`select tw.space() as space, tw.account() as account`)

/** For tests that break a call. After each, another user's calls run on the same connections. */
export interface BrokenCalls extends ProxiedServer {
  write(database: Database, mutation: MutationIdentity, name?: string, user?: TestUser): Promise<void>
  /** A pool of one connection; a warm one has served a read and a mutation. */
  prepared(state: 'fresh' | 'warm'): Promise<Database>
  /** Checks that the next caller reads and commits only their own rows, and that acknowledged writes are durable. */
  nothingIsSpoilt(database: Database): Promise<void>
  /** Checks that a call with the same mutation id makes it take effect once, whatever its outcome was. */
  resolves(database: Database, mutation: MutationIdentity): Promise<void>
}

export async function createBrokenCalls(): Promise<BrokenCalls> {
  const acknowledged = new Set<string | null>()
  const proxied = await startProxiedServer({ adminConnections: 2 })
  const { admin, proxy, ada, ben, open } = proxied
  // Creating a list with one of these names fails, or kills its backend, at the commit.
  await admin.unsafe(`
    create function public.at_commit() returns trigger language plpgsql as $$
    begin
      if new.name = 'fails at commit' then perform 1 / 0; end if;
      perform pg_terminate_backend(pg_backend_pid());
      return null;
    end $$;
    create constraint trigger at_commit after insert on tw.lists deferrable initially deferred
      for each row when (new.name like '% at commit') execute function public.at_commit()`)

  async function write(database: Database, mutation: MutationIdentity, name = 'List', { caller } = ada): Promise<void> {
    expect(await database.mutate(caller, mutation, 'request', newList(name))).toMatchObject({ outcome: 'ok' })
    acknowledged.add(mutation.id)
  }

  async function prepared(state: 'fresh' | 'warm'): Promise<Database> {
    const database = open()
    if (state === 'warm') {
      await read(database, ada.caller, 'tasks:read', everything)
      await write(database, newMutation())
    }
    return database
  }

  async function nothingIsSpoilt(database: Database): Promise<void> {
    // The interrupted statement may still run on the server.
    await proxy.settled()
    await database.pool.ready(PATIENT.waitMs)
    const before = await durable(admin, ada)
    expect(await database.query(me)).toEqual([{ space: NOBODY, account: NOBODY }])
    await write(database, newMutation(), 'List', ben)
    const { caller, rows } = await read(database, ben.caller, 'tasks:read', everything)
    expect(caller.userId).toBe(ben.id)
    expect(new Set(rows.map((row) => row['space_id']))).toEqual(new Set([ben.id]))
    expect(await durable(admin, ada)).toEqual(before)
    const kept = new Set([...before, ...(await durable(admin, ben))])
    expect([...acknowledged].filter((id) => id === null || !kept.has(id))).toEqual([])
    await write(database, newMutation())
  }

  async function resolves(database: Database, mutation: MutationIdentity): Promise<void> {
    await write(database, mutation)
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  }

  return { ...proxied, write, prepared, nothingIsSpoilt, resolves }
}
