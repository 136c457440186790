import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './connect.ts'
import type { MutationIdentity } from '../caller.ts'
import { type Database, openDatabase } from '../caller-session.ts'
import { statement, sql } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
import { addAnything, newList } from '../testing/mutations.ts'
import { addUser, durable, newMutation, type TestUser } from '../testing/users.ts'
import { type Proxy, startProxy } from '../testing/proxy.ts'
import { read } from '../testing/read.ts'

// Every known way to break a call: after each, another user calls on the same connections.

const NOBODY = '00000000-0000-0000-0000-000000000000'

let server: TestDatabase
let admin: Sql
let proxy: Proxy
let ada: TestUser
let ben: TestUser
const acknowledged = new Set<string | null>()

beforeAll(async () => {
  server = await createTestDatabase()
  admin = createClient({ address: server.admin, applicationName: 'admin', max: 2 })
  proxy = await startProxy(server.app)
  ada = await addUser(admin)
  ben = await addUser(admin)
  await addAnything(admin)
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
})
afterAll(async () => {
  await proxy.close()
  await admin.end()
  await server[Symbol.asyncDispose]()
})

const everything = statement(sql`select space_id from tw.lists`)
const me = statement(sql`select tw.space() as space, tw.account() as account`)

function open(): Database {
  return openDatabase({ address: { ...server.app, port: proxy.port }, max: 1, applicationName: 'test', ...PATIENT })
}

async function write(database: Database, mutation: MutationIdentity, name = 'List', { caller } = ada): Promise<void> {
  expect(await database.mutate(caller, mutation, 'request', newList(name))).toMatchObject({ outcome: 'ok' })
  acknowledged.add(mutation.id)
}

/** A pool of one connection; a warm one has served both kinds of call. */
async function prepared(state: 'fresh' | 'warm'): Promise<Database> {
  const database = open()
  if (state === 'warm') {
    await read(database, ada.caller, 'tasks:read', everything)
    await write(database, newMutation())
  }
  return database
}

/** Checks that the next caller reads and commits only their own rows, and that acknowledged writes are durable. */
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

describe('a stale plan', () => {
  test('of a read is planned again', async () => {
    await using database = await prepared('warm')
    const all = statement(sql`select * from public.growing`)
    await admin.unsafe(`create table public.growing (who uuid default tw.space()); grant all on public.growing to taskwire_app;
      insert into public.growing values (null)`)
    expect((await read(database, ada.caller, 'tasks:read', all)).rows).toEqual([{ who: null }])
    await admin`alter table public.growing add column more int`
    expect((await read(database, ada.caller, 'tasks:read', all)).rows).toEqual([{ who: null, more: null }])
    await nothingIsSpoilt(database)
  })

  test('of a statement without a caller is planned again, and the statement takes effect once', async () => {
    await using database = await prepared('warm')
    await admin.unsafe('create table public.counted (n int); grant all on public.counted to taskwire_app')
    const add = statement(sql`insert into public.counted values (1) returning *`)
    expect(await database.query(add)).toEqual([{ n: 1 }])
    await admin`alter table public.counted add column m int`
    expect(await database.query(add)).toEqual([{ n: 1, m: null }])
    expect(await admin`select n from public.counted`).toHaveLength(2)
    await nothingIsSpoilt(database)
  })

  test('of all statements, as with a pooler that keeps no prepared statement', async () => {
    await using database = await prepared('warm')
    const forget = statement(sql`deallocate all`)
    await database.query(forget)
    const mutation = newMutation()
    const answer = await database.mutate(ada.caller, mutation, 'request', newList())
    expect(answer).toMatchObject({ outcome: 'ok', replayed: false })
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
    await nothingIsSpoilt(database)
  })
})
