import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './connect.ts'
import type { MutationIdentity } from '../caller.ts'
import { type Database, openDatabase } from '../caller-session.ts'
import { statement, sql } from '../statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from '../testing/index.ts'
import { addAnything, doAnything, newList } from '../testing/mutations.ts'
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

/** Checks that a call with the same mutation id makes it take effect once, whatever its outcome was. */
async function resolves(database: Database, mutation: MutationIdentity): Promise<void> {
  await write(database, mutation)
  expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
}

describe.each(['fresh', 'warm'] as const)('the network of a %s connection', (state) => {
  // Cuts the connection at its first message, then at its second, and so on until the call succeeds.
  test.each([
    ['after each message to the server', (n: number) => proxy.breakAfterFrontend(n)],
    ['in place of each message of the server', (n: number) => proxy.breakBeforeBackend(n + 1, 'reset')],
  ])('cut %s', async (_, cut) => {
    let outcomes = ''
    for (let n = 0; ; n++) {
      await using database = await prepared(state)
      const mutation = newMutation()
      cut(n)
      const refusal = await write(database, mutation).then(
        () => null,
        (error: unknown) => error,
      )
      if (!proxy.hasBroken) {
        proxy.resume()
        expect(refusal).toBeNull()
        break
      }
      expect(refusal).toMatchObject({ fault: 'unavailable' })
      await nothingIsSpoilt(database)
      outcomes += (await durable(admin, ada)).includes(mutation.id ?? '') ? '+' : '-'
      await resolves(database, mutation)
    }
    // It is durable if the server has received all of it, even without an answer; otherwise never.
    expect(outcomes).toMatch(/^-*\++$/)
    expect(outcomes.length).toBeGreaterThan(state === 'warm' ? 3 : 11)
  })
})

// Larger than a socket's buffer: when the connection is cut, only a part has been sent.
test('a mutation of a megabyte, cut instead of each server message', async () => {
  const call = doAnything(`select '${'x'.repeat(1_000_000)}'`)
  const eve = await addUser(admin)
  let outcomes = ''
  for (let n = 1; ; n++) {
    await using database = await prepared('warm')
    await database.mutate(eve.caller, newMutation(), 'request', call)
    const mutation = newMutation()
    proxy.breakBeforeBackend(n)
    const refusal = await database.mutate(eve.caller, mutation, 'request', call).then(
      () => null,
      (error: unknown) => error,
    )
    const broken = proxy.hasBroken
    proxy.resume()
    await nothingIsSpoilt(database)
    const written = (await admin`select from tw.mutations where mutation_id = ${mutation.id}`).length === 1
    if (!broken) {
      expect([refusal, written]).toEqual([null, true])
      break
    }
    expect(refusal).toMatchObject({ fault: 'unavailable' })
    outcomes += written ? '+' : '-'
  }
  expect(outcomes).toMatch(/^-*\++$/)
})
