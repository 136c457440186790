import { afterAll, describe, expect, test } from 'vitest'
import { statement, sql } from './statement.ts'
import { doAnything } from './testing/mutations.ts'
import { durable, stranger } from './testing/users.ts'
import { read } from './testing/read.ts'
import { everything, startProxiedServer, unrecorded, write } from './testing/proxied-server.ts'

const NOBODY = '00000000-0000-0000-0000-000000000000'

const proxied = await startProxiedServer()
const { admin, proxy, ada, ben, open } = proxied
afterAll(() => proxied[Symbol.asyncDispose]())

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
    // The same error as of a server that has become a standby.
    for (let nr = 0; nr < 8; nr++)
      await expect(read(database, ada.caller, 'tasks:read', erase)).rejects.toMatchObject({ fault: 'unavailable' })
    expect((await read(database, ada.caller, 'tasks:read', statement(sql`select tw.account() as me`))).rows).toEqual([
      { me: ada.id },
    ])
    // transaction_read_only ends with the read.
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
