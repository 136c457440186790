import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './connect.ts'
import type { Caller, MutationIdentity } from '../caller.ts'
import { type Database, openDatabase } from '../caller-session.ts'
import type { MutationCall } from '../mutation.ts'
import { type Statement, statement, sql } from '../statement.ts'
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

interface Asked {
  caller: Caller
  need: string
  statement: Statement
}
const askedOf = (caller = ada.caller): Asked => ({
  caller,
  need: 'tasks:read',
  statement: statement(sql`select ${'1'} as one, ${'2'} as two`),
})

// Forbidden by the types, but possible by mistake.
const nothing = undefined as unknown as string
const noBytes = undefined as unknown as Uint8Array
const callers: Record<string, (caller: Caller) => Caller> = {
  'the credential': (caller) => ({ ...caller, credential: noBytes }),
  'the space': (caller) => ({ ...caller, spaceId: nothing }),
  'whom it acts for': (caller) => ({ ...caller, actingAs: nothing }),
}
const spoiltCalls: [string, () => Call][] = [
  ...Object.entries(callers).map(([name, spoil]): [string, () => Call] => [
    name,
    () => ({ ...addListCall(), caller: spoil(ada.caller) }),
  ]),
  ['the mutation id', () => ({ ...addListCall(), mutation: { ...newMutation(), id: nothing } })],
  ['the payload', () => ({ ...addListCall(), mutation: { ...newMutation(), payload: noBytes } })],
  ['the request id', () => ({ ...addListCall(), requestId: nothing })],
  ['an argument', () => ({ ...addListCall(), call: doAnything(nothing) })],
  ['the text', () => ({ ...addListCall(), call: { statement: () => ({ text: nothing, parameters: [] }) } })],
  ...[0, 3, -1].map((at): [string, () => Call] => [`parameter ${at}`, () => ({ ...addListCall(), call: byHand(at) })]),
]
const spoiltReads: [string, () => Asked][] = [
  ...Object.entries(callers).map(([name, spoil]): [string, () => Asked] => [name, () => askedOf(spoil(ada.caller))]),
  ['the scope', () => ({ ...askedOf(), need: nothing })],
  ['a parameter', () => ({ ...askedOf(), statement: { text: 'select $1 as one', parameters: [nothing] } })],
]
/** The statement that creates a list, broken after all checks but the last. */
function byHand(at: number): MutationCall {
  const made = newList()
  return {
    statement(...given) {
      const { text, parameters } = made.statement(...given)
      return { text, parameters: parameters.with(at, nothing) }
    },
  }
}

describe.each(['fresh', 'warm'] as const)('on a %s connection', (state) => {
  test.each(spoiltCalls)('undefined as %s of a mutation', async (_, spoilt) => {
    await using database = await prepared(state)
    proxy.reset()
    const connection = proxy.connections.at(-1)
    const before = await durable(admin, ada)
    const refusal: unknown = await make(database, spoilt()).catch((error: unknown) => error)
    expect([refusal, refusal instanceof Error && refusal.cause]).toContainEqual(expect.any(TypeError))
    expect(await durable(admin, ada)).toEqual(before)
    // It throws before the first byte is sent, so the connection stays.
    if (state === 'warm') expect(proxy.roundTrips).toBe(0)
    await nothingIsSpoilt(database)
    if (state === 'warm') expect(proxy.connections.at(-1)).toBe(connection)
  })

  test.each(spoiltReads)('undefined as %s of a read', async (_, spoilt) => {
    await using database = await prepared(state)
    proxy.reset()
    const { caller, need, statement: asked } = spoilt()
    await expect(read(database, caller, need, asked)).rejects.toThrow()
    if (state === 'warm') expect(proxy.roundTrips).toBe(0)
    await nothingIsSpoilt(database)
  })
})
