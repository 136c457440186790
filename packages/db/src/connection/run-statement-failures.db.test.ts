import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createClient } from './connect.ts'
import type { Caller, MutationIdentity } from '../caller.ts'
import { type Database, openDatabase } from '../caller-session.ts'
import type { MutationCall } from '../mutation.ts'
import { runStatement } from './run-statement.ts'
import type { PooledConnection } from './pooled-connection.ts'
import { statement, sql } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
import { addAnything, doAnything, newList } from '../testing/mutations.ts'
import { addUser, durable, newMutation, type TestUser, stranger } from '../testing/users.ts'
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

/** Checks that a call with the same mutation id makes it take effect once, whatever its outcome was. */
async function resolves(database: Database, mutation: MutationIdentity): Promise<void> {
  await write(database, mutation)
  expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
}

interface Call {
  caller: Caller
  mutation: MutationIdentity
  requestId: string
  call: MutationCall
}
const addListCall = (): Call => ({
  caller: ada.caller,
  mutation: newMutation(),
  requestId: 'request',
  call: newList(),
})
const make = async (database: Database, { caller, mutation, requestId, call }: Call) =>
  await database.mutate(caller, mutation, requestId, call)

describe.each(['fresh', 'warm'] as const)('a failure on a %s connection', (state) => {
  describe('an error', () => {
    test.each<[string, string, () => Partial<Call>]>([
      ['authenticating', 'unauthenticated', () => ({ caller: stranger() })],
      ['an argument, by its form', 'internal', () => ({ caller: { ...ada.caller, actingAs: 'nobody' } })],
      ['what it does', 'constraint', () => ({ call: newList(' ') })],
      [
        'what it does, half-way',
        'internal',
        () => ({ call: doAnything('update tw.spaces set revision = revision + 1; select 1 / 0') }),
      ],
      ['the end, when all is done', 'internal', () => ({ call: newList('fails at commit') })],
    ])('in %s', async (_, fault, different) => {
      await using database = await prepared(state)
      const before = await durable(admin, ada)
      await expect(make(database, { ...addListCall(), ...different() })).rejects.toMatchObject({ fault })
      expect(await durable(admin, ada)).toEqual(before)
      await nothingIsSpoilt(database)
    })

    test('for an unknown credential leaves nothing written', async () => {
      await using database = await prepared(state)
      const before = [await durable(admin, ada), await durable(admin, ben)]
      const call = make(database, { ...addListCall(), caller: stranger() })
      await expect(call).rejects.toMatchObject({ fault: 'unauthenticated' })
      await nothingIsSpoilt(database)
      expect([await durable(admin, ada), (await durable(admin, ben)).slice(0, -1)]).toEqual([
        [...(before[0] ?? []), expect.any(String)],
        before[1],
      ])
    })
  })

  describe('a backend killed', () => {
    test('before the statement is sent', async () => {
      await using database = await prepared(state)
      await database.pool.ready(PATIENT.waitMs)
      proxy.blackHole()
      const mutation = newMutation()
      const call = write(database, mutation)
      await admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'taskwire_app' and datname = ${server.name}`
      proxy.resume()
      await expect(call).rejects.toMatchObject({ fault: 'unavailable' })
      expect(await durable(admin, ada)).not.toContain(mutation.id)
      await nothingIsSpoilt(database)
      await resolves(database, mutation)
    })

    test('while it waits for the lock', async () => {
      await using database = await prepared(state)
      const mutation = newMutation()
      await admin.begin(async (holder) => {
        await holder`select from tw.spaces where id = ${ada.id} for update`
        const call = write(database, mutation)
        const killed = async (): Promise<boolean> =>
          (
            await admin`select pg_terminate_backend(pid) from pg_stat_activity
            where usename = 'taskwire_app' and datname = ${server.name} and wait_event_type = 'Lock'`
          ).length > 0
        while (!(await killed()));
        await expect(call).rejects.toMatchObject({ fault: 'unavailable' })
      })
      expect(await durable(admin, ada)).not.toContain(mutation.id)
      await nothingIsSpoilt(database)
      await resolves(database, mutation)
    })

    test('during the function', async () => {
      await using database = await prepared(state)
      const before = await durable(admin, ada)
      const suicide = doAnything(`with counted as (update tw.spaces set revision = revision + 1 returning revision)
        select pg_terminate_backend(pg_backend_pid()) from counted`)
      const call = make(database, { ...addListCall(), call: suicide })
      await expect(call).rejects.toMatchObject({ fault: 'unavailable' })
      expect(await durable(admin, ada)).toEqual(before)
      await nothingIsSpoilt(database)
    })

    test('at the commit', async () => {
      await using database = await prepared(state)
      const mutation = newMutation()
      await expect(write(database, mutation, 'dies at commit')).rejects.toMatchObject({ fault: 'unavailable' })
      expect(await durable(admin, ada)).not.toContain(mutation.id)
      await nothingIsSpoilt(database)
      await resolves(database, mutation)
    })
  })
})

test.each(['0A000', '26000', 'CONNECTION_CLOSED'])(
  'what may have been done is not sent again, whatever it was refused with: %s',
  async (code) => {
    const send = vi.fn<PooledConnection['send']>(
      async () => await Promise.reject(Object.assign(new Error(code), { code })),
    )
    const connection = { send, destroy: () => {} } as unknown as PooledConnection
    await expect(runStatement(connection, me)).rejects.toMatchObject({ fault: 'unavailable' })
    expect(send).toHaveBeenCalledOnce()
  },
)
