import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './connection/connect.ts'
import type { Caller, MutationRecord } from './caller.ts'
import { type Database, openDatabase } from './caller-session.ts'
import type { Answer } from './mutation.ts'
import { statement, sql } from './statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from './testing/index.ts'
import { addAnything, doAnything, newList } from './testing/mutations.ts'
import {
  addKey,
  addServiceKey,
  addSpace,
  addUser,
  durable,
  newMutation,
  type TestUser,
  stranger,
} from './testing/users.ts'
import { type Proxy, startProxy } from './testing/proxy.ts'
import { read } from './testing/read.ts'

const NOBODY = '00000000-0000-0000-0000-000000000000'

let server: TestDatabase
let admin: Sql
let proxy: Proxy
let ada: TestUser
let ben: TestUser

beforeAll(async () => {
  server = await createTestDatabase()
  admin = createClient({ address: server.admin, applicationName: 'admin' })
  proxy = await startProxy(server.app)
  ada = await addUser(admin)
  ben = await addUser(admin)
  await addAnything(admin)
})
afterAll(async () => {
  await proxy.close()
  await admin.end()
  await server[Symbol.asyncDispose]()
})

function open(): Database {
  return openDatabase({ address: { ...server.app, port: proxy.port }, max: 1, applicationName: 'test', ...PATIENT })
}
const everything = statement(sql`select space_id, name from tw.lists order by name`)
async function write(database: Database, caller: Caller, mutation = newMutation(), call = newList()): Promise<Answer> {
  const answer = await database.mutate(caller, mutation, 'request', call)
  expect(answer.outcome).toBe('ok')
  return answer
}

// Without a mutation id it leaves no record, so durable() stays consistent without a list.
const unrecorded = (): MutationRecord => ({ ...newMutation(), id: null })

describe('round trips', () => {
  test('a read and a mutation take one each on a warm connection', async () => {
    await using database = open()
    await read(database, ada.caller, 'tasks:read', everything)
    await write(database, ada.caller)
    proxy.reset()
    await read(database, ada.caller, 'tasks:read', everything)
    expect(proxy.roundTrips).toBe(1)
    await write(database, ada.caller)
    expect(proxy.roundTrips).toBe(2)
    await database.query(statement(sql`select ${'anything'} as x`))
    expect(proxy.roundTrips).toBe(5)
    await database.query(statement(sql`select ${'anything'} as x`))
    expect(proxy.roundTrips).toBe(6)
  })

  test('a call that fails takes one too, and the connection serves the next call', async () => {
    await using database = open()
    const none = statement(sql`select 1 / (revision - revision) from tw.spaces`)
    await expect(read(database, ada.caller, 'tasks:read', none)).rejects.toThrow()
    const connection = proxy.connections.at(-1)
    proxy.reset()
    await expect(read(database, ada.caller, 'tasks:read', none)).rejects.toMatchObject({ fault: 'internal' })
    await expect(read(database, stranger(), 'tasks:read', none)).rejects.toMatchObject({ fault: 'unauthenticated' })
    expect(proxy.roundTrips).toBe(2)
    expect(proxy.connections.at(-1)).toBe(connection)
  })

  test('a statement of a megabyte takes one', async () => {
    await using database = open()
    const long = (length: number) => statement(sql`select length(${'x'.repeat(length)}) as length`)
    await read(database, ada.caller, 'tasks:read', long(1))
    proxy.reset()
    const { rows } = await read(database, ada.caller, 'tasks:read', long(1_000_000))
    expect(rows).toEqual([{ length: 1_000_000 }])
    expect(proxy.roundTrips).toBe(1)
  })

  // The start-up, two for SCRAM, the first answer; then two to prepare the statement, and the call itself.
  test('a call on a new connection takes seven', async () => {
    proxy.reset()
    await using database = open()
    await read(database, ada.caller, 'tasks:read', everything)
    expect(proxy.roundTrips).toBe(7)
    await write(database, ada.caller)
    expect(proxy.roundTrips).toBe(10)
  })
})

describe('whose rows', () => {
  test('a statement without a predicate returns the caller’s rows only', async () => {
    await using database = open()
    await write(database, ada.caller)
    await write(database, ben.caller)
    for (const [table, column] of [
      ['tw.lists', 'space_id'],
      ['tw.mutations', 'space_id'],
      ['tw.spaces', 'id'],
      ['auth.users', 'id'],
    ] as const) {
      const all = statement(sql`select distinct ${sql.raw(column)} as whose from ${sql.raw(table)}`)
      for (const person of [ada, ben]) {
        const { caller, rows } = await read(database, person.caller, 'tasks:read', all)
        expect(caller.userId).toBe(person.id)
        expect(rows).toEqual([{ whose: person.id }])
      }
    }
    const tasks = statement(sql`select * from tw.tasks`)
    expect((await read(database, ada.caller, 'tasks:read', tasks)).rows).toEqual([])
  })

  test('outside of a call no rows are visible, and the next call does not act as the caller before', async () => {
    await using database = open()
    await read(database, ada.caller, 'tasks:read', everything)
    expect(await database.query(everything)).toEqual([])
    await write(database, ada.caller)
    const me = statement(sql`select tw.space() as space, tw.account() as account`)
    expect(await database.query(me)).toEqual([{ space: NOBODY, account: NOBODY }])
  })

  // Rows read before authentication would be invisible. Each statement runs with a custom and with a generic plan.
  test.each([
    ['no table', `select tw.space() as id`],
    ['a table', `select id from tw.spaces`],
    ['a scalar', `select (select id from tw.spaces) as id`],
    ['a table expression', `with s as materialized (select id from tw.spaces) select id from s`],
    ['a condition of its own', `select s.id from tw.spaces s where (select count(*) from tw.spaces) = 1`],
    ['a function of its own', `select m.id from (select tw.space() offset 0) m (id)`],
    ['an aggregate', `select max(id::text) as id from tw.spaces`],
    ['several', `select id from tw.spaces union select tw.space()`],
    ['a join', `select s.id from tw.spaces s join auth.users u on u.id = s.owner_id full join tw.tasks t on false`],
  ])('rows are read after authentication: %s', async (_, text) => {
    await using database = open()
    for (let nr = 0; nr < 14; nr++) {
      const { id, caller } = nr % 2 === 0 ? ada : ben
      expect((await read(database, caller, 'tasks:read', statement(sql.raw(text)))).rows).toEqual([{ id }])
    }
  })

  test('a read cannot write', async () => {
    await using database = open()
    const before = await durable(admin, ada)
    const add =
      statement(sql`insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
      values (tw.space(), gen_random_uuid(), 'Mine', 'mine', '80000000', 1, now(), now()) returning id`)
    await expect(read(database, ada.caller, 'tasks:write', add)).rejects.toThrow()
    expect(await durable(admin, ada)).toEqual(before)
  })

  test('a function that a read calls cannot write', async () => {
    await using database = open()
    const erase = statement(sql`select tw.erase_me() as id`)
    // Like a server that has become a standby.
    for (let nr = 0; nr < 8; nr++)
      await expect(read(database, ada.caller, 'tasks:read', erase)).rejects.toMatchObject({ fault: 'unavailable' })
    expect((await read(database, ada.caller, 'tasks:read', statement(sql`select tw.account() as me`))).rows).toEqual([
      { me: ada.id },
    ])
    // The setting ends with the read.
    await write(database, ada.caller)
  })

  test('a caller cannot write a row of another space', async () => {
    await using database = open()
    const theft = `insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
      values ('${ben.id}', gen_random_uuid(), 'Mine', 'mine', '80000000', 1, now(), now())`
    await write(database, ben.caller)
    const before = await durable(admin, ben)
    await expect(write(database, ada.caller, unrecorded(), doAnything(theft))).rejects.toMatchObject({
      cause: { code: '42501' },
    })
    const change = `update tw.lists set name = 'Mine' where space_id = '${ben.id}'`
    await write(database, ada.caller, unrecorded(), doAnything(change))
    expect(await durable(admin, ben)).toEqual(before)
    expect(await admin`select from tw.lists where name = 'Mine'`).toHaveLength(0)
  })
})

describe('replays', () => {
  test('the same mutation id takes effect once and returns the same reply', async () => {
    await using database = open()
    const mutation = newMutation()
    const first = await write(database, ada.caller, mutation)
    expect(first.replayed).toBe(false)
    const { reply, revision } = first
    expect(JSON.parse(reply ?? '')).toMatchObject({ name: 'List', revision })
    await write(database, ada.caller)
    expect(await write(database, ada.caller, mutation)).toMatchObject({ reply, revision, replayed: true })
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  })

  test('sixteen concurrent calls with one mutation id take effect once', async () => {
    await using database = openDatabase({ address: server.app, max: 16, applicationName: 'test', ...PATIENT })
    const mutation = newMutation()
    const replies = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const { reply, replayed } = await write(database, ada.caller, mutation)
        return { reply, replayed }
      }),
    )
    expect(new Set(replies.map(({ reply }) => reply)).size).toBe(1)
    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  })

  test('the state of a replay ends with its call', async () => {
    await using database = open()
    const mutation = newMutation()
    await write(database, ada.caller, mutation)
    await write(database, ada.caller, mutation)
    expect((await write(database, ada.caller)).replayed).toBe(false)
    expect((await write(database, ben.caller, mutation)).replayed).toBe(false)
  })

  test('another payload is refused', async () => {
    await using database = open()
    const mutation = newMutation('one')
    await write(database, ada.caller, mutation)
    const before = await durable(admin, ada)
    await expect(
      write(database, ada.caller, { id: mutation.id, payload: newMutation('two').payload }),
    ).rejects.toMatchObject({ fault: 'mutation_id_reused' })
    expect(await durable(admin, ada)).toEqual(before)
  })

  test('a mutation id that another account has used in the space is refused, though the payload is the same', async () => {
    await using database = open()
    const eve = await addUser(admin)
    for (const user of [ben.id, null]) {
      const mutation = newMutation()
      await admin`insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, reply, revision, at)
        values (${eve.id}, ${mutation.id}, ${user}, ${mutation.payload}, '{}', 0, now())`
      await expect(write(database, eve.caller, mutation)).rejects.toMatchObject({ fault: 'mutation_id_reused' })
    }
    expect(await admin`select from tw.lists where space_id = ${eve.id}`).toHaveLength(0)
  })

  test('a reply is null after more than a day, and the mutation does not take effect again', async () => {
    await using database = open()
    const mutation = newMutation()
    const { revision } = await write(database, ada.caller, mutation)
    await admin`update tw.mutations set at = at - interval '24 hours 1 second' where mutation_id = ${mutation.id}`
    expect(await write(database, ada.caller, mutation)).toMatchObject({ reply: null, revision, replayed: true })
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  })
})

const callerOf = async (database: Database, caller: Caller, need: string) =>
  (await read(database, caller, need, everything)).caller
const refused = async (call: Promise<unknown>) =>
  await call.then(
    () => 'let in',
    (error) => error.fault,
  )

describe('credentials', () => {
  test('a session may do anything until it ends', async () => {
    await using database = open()
    for (const need of ['tasks:read', 'tasks:write', 'account', 'account tasks:read', 'session'])
      expect(await callerOf(database, ada.caller, need)).toEqual({
        userId: ada.id,
        spaceId: ada.id,
        expiresAt: expect.any(String),
      })
    const past = await addUser(admin, { sessionMs: -1000 })
    expect(await refused(callerOf(database, past.caller, 'tasks:read'))).toBe('unauthenticated')
    expect(await refused(write(database, past.caller))).toBe('unauthenticated')
    await admin`delete from auth.sessions where user_id = ${past.id}`
    expect(await refused(callerOf(database, past.caller, 'tasks:read'))).toBe('unauthenticated')
  })

  test.each([
    { scopes: ['tasks:read'], may: ['tasks:read'] },
    { scopes: ['tasks:write'], may: ['tasks:read', 'tasks:write'] },
    { scopes: ['account'], may: ['account'] },
    { scopes: ['tasks:read', 'account'], may: ['tasks:read', 'account', 'account tasks:read'] },
    { scopes: ['tasks:write', 'account'], may: ['tasks:read', 'tasks:write', 'account', 'account tasks:read'] },
  ])('a key with $scopes', async ({ scopes, may }) => {
    await using database = open()
    const key = await addKey(admin, ada, scopes, 60_000)
    for (const need of ['tasks:read', 'tasks:write', 'account', 'account tasks:read', 'session']) {
      const expected = may.includes(need) ? 'let in' : 'forbidden_scope'
      expect([need, await refused(callerOf(database, key, need))]).toEqual([need, expected])
      const writing = write(database, key, unrecorded(), doAnything('select 1', need))
      expect([need, await refused(writing)]).toEqual([need, expected])
    }
  })

  test('an expired key is unauthenticated', async () => {
    await using database = open()
    const key = await addKey(admin, ada, ['tasks:write'], -1000)
    expect(await refused(callerOf(database, key, 'tasks:read'))).toBe('unauthenticated')
    expect(await refused(write(database, key))).toBe('unauthenticated')
    expect(await callerOf(database, await addKey(admin, ada, ['tasks:write']), 'tasks:read')).toEqual({
      userId: ada.id,
      spaceId: ada.id,
      expiresAt: null,
    })
  })

  test('a service key acts for an account that exists, within its scopes', async () => {
    await using database = open()
    const service = await addServiceKey(admin, ['tasks:write'])
    expect((await callerOf(database, service(ben.id), 'tasks:read')).userId).toBe(ben.id)
    const { rows } = await read(database, service(ben.id), 'tasks:read', everything)
    expect(new Set(rows.map((row) => row['space_id']))).toEqual(new Set([ben.id]))
    await write(database, service(ben.id))
    for (const [nobody, fault] of [
      [null, 'forbidden_acting'],
      [randomUUID(), 'user_unknown'],
    ] as const) {
      expect(await refused(callerOf(database, service(nobody), 'tasks:read'))).toBe(fault)
      expect(await refused(write(database, service(nobody)))).toBe(fault)
    }
    for (const need of ['account', 'account tasks:read', 'session'])
      expect(await refused(callerOf(database, service(ben.id), need))).toBe('forbidden_scope')
    const ended = await addServiceKey(admin, ['tasks:write'], -1000)
    expect(await refused(callerOf(database, ended(ben.id), 'tasks:read'))).toBe('unauthenticated')
  })

  test('only a service key may name a user to act for', async () => {
    await using database = open()
    const key = await addKey(admin, ada, ['tasks:write'])
    for (const caller of [ada.caller, key])
      for (const actingAs of [ben.id, ada.id]) {
        expect(await refused(callerOf(database, { ...caller, actingAs }, 'tasks:read'))).toBe('forbidden_acting')
        expect(await refused(write(database, { ...caller, actingAs }))).toBe('forbidden_acting')
      }
  })
})

describe('spaces', () => {
  /** A caller of each kind, all with the same account. */
  async function callersOf(person: TestUser): Promise<Caller[]> {
    const service = await addServiceKey(admin, ['tasks:write'])
    return [person.caller, await addKey(admin, person, ['tasks:write']), service(person.id)]
  }

  test('a call acts in the caller’s personal space, whether it names it or not', async () => {
    await using database = open()
    for (const caller of await callersOf(ada))
      for (const spaceId of [null, ada.id]) {
        const inSpace = { ...caller, spaceId }
        expect(await callerOf(database, inSpace, 'tasks:read')).toMatchObject({ userId: ada.id, spaceId: ada.id })
        const mutation = newMutation()
        expect((await write(database, inSpace, mutation)).caller).toMatchObject({ userId: ada.id, spaceId: ada.id })
        expect(await durable(admin, ada)).toContain(mutation.id)
      }
  })

  test('another user’s space and one that does not exist are refused in the same way, and nothing is written', async () => {
    await using database = open()
    const before = [await durable(admin, ada), await durable(admin, ben)]
    for (const caller of await callersOf(ada)) {
      const errors: unknown[] = []
      for (const spaceId of [ben.id, randomUUID(), NOBODY]) {
        const elsewhere = { ...caller, spaceId }
        for (const call of [callerOf(database, elsewhere, 'tasks:read'), write(database, elsewhere)])
          errors.push(await call.catch((error: unknown) => error))
      }
      for (const error of errors) expect(error).toMatchObject({ fault: 'space_not_found' })
      expect(new Set(errors.map(String)).size).toBe(1)
    }
    expect([await durable(admin, ada), await durable(admin, ben)]).toEqual(before)
  })

  test('the space is checked after the credential and its scope', async () => {
    await using database = open()
    const reads = await addKey(admin, ada, ['tasks:read'])
    for (const spaceId of [ada.id, ben.id, randomUUID()]) {
      expect(await refused(callerOf(database, { ...stranger(), spaceId }, 'tasks:read'))).toBe('unauthenticated')
      expect(await refused(write(database, { ...reads, spaceId }))).toBe('forbidden_scope')
    }
  })

  test('in another space of the account a call reads and writes that space’s rows', async () => {
    await using database = open()
    const spaceId = await addSpace(admin, ada)
    const before = await durable(admin, ada)
    for (const caller of await callersOf(ada)) {
      const [mutation, name] = [newMutation(), randomUUID()]
      const list = newList(name)
      const inSpace = { ...caller, spaceId }
      const written = await write(database, inSpace, mutation, list)
      expect(written.caller).toMatchObject({ userId: ada.id, spaceId })
      expect((await write(database, inSpace, mutation, list)).replayed).toBe(true)
      const { rows } = await read(database, inSpace, 'tasks:read', everything)
      expect(rows).toContainEqual({ space_id: spaceId, name })
      expect(new Set(rows.map((row) => row['space_id']))).toEqual(new Set([spaceId]))
    }
    expect(await durable(admin, ada)).toEqual(before)
    expect(await refused(write(database, { ...ben.caller, spaceId }))).toBe('space_not_found')
  })

  test('a key limited to a space acts there by default, and is refused elsewhere', async () => {
    await using database = open()
    const home = await addSpace(admin, ada)
    const bound = await addKey(admin, ada, ['tasks:write'], null, home)
    for (const spaceId of [null, home]) {
      const found = { userId: ada.id, spaceId: home }
      expect(await callerOf(database, { ...bound, spaceId }, 'tasks:read')).toMatchObject(found)
      expect((await write(database, { ...bound, spaceId })).caller).toMatchObject(found)
    }
    // A key limited to a space of which its owner is not a member acts nowhere, not even in its owner's space.
    const lost = await addKey(admin, ada, ['tasks:write'], null, ben.id)
    for (const [key, spaces] of [
      [bound, [ada.id, await addSpace(admin, ada), ben.id, randomUUID()]],
      [lost, [null, ben.id, ada.id, randomUUID()]],
    ] as const)
      for (const spaceId of spaces) {
        expect(await refused(callerOf(database, { ...key, spaceId }, 'tasks:read'))).toBe('space_not_found')
        expect(await refused(write(database, { ...key, spaceId }))).toBe('space_not_found')
      }
  })
})
