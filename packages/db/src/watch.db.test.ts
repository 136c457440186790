import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from './connection/connect.ts'
import type { Caller } from './caller.ts'
import { type Database, openDatabase } from './caller-session.ts'
import { DatabaseError } from './errors.ts'
import { sql, statement } from './statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from './testing/index.ts'
import { addKey, addServiceKey, addSpace, addUser, stranger } from './testing/users.ts'
import { read } from './testing/read.ts'
import { watchResults, watchStatement } from './watch.ts'

let server: TestDatabase
let admin: Sql
let database: Database
beforeAll(async () => {
  server = await createTestDatabase()
  admin = createClient({ address: server.admin, applicationName: 'test' })
  database = openDatabase({ address: server.app, max: 5, applicationName: 'test', ...PATIENT })
})
afterAll(async () => {
  await admin.end()
  await database.end()
  await server[Symbol.asyncDispose]()
})

const SECOND = 1000
/** Every kind of caller, with and without access. */
async function callers(): Promise<Record<string, Caller>> {
  const ada = await addUser(admin)
  const key = async (...scopes: string[]): Promise<Caller> => await addKey(admin, ada, scopes)
  const service = await addServiceKey(admin, ['tasks:read'])
  const late = await addServiceKey(admin, ['tasks:write'], -SECOND)
  const as = (caller: Caller, actingAs: string): Caller => ({ ...caller, actingAs })
  const inside = (caller: Caller, spaceId: string): Caller => ({ ...caller, spaceId })
  const bound = async (to: string): Promise<Caller> => await addKey(admin, ada, ['tasks:read'], null, to)
  const ben = await addUser(admin)
  const home = await addSpace(admin, ada)
  const [reads, account] = [await key('tasks:read'), await key('account')]
  return {
    'a session': ada.caller,
    'a session that has ended': (await addUser(admin, { sessionMs: -SECOND })).caller,
    'a session that acts for its own user': as(ada.caller, ada.id),
    'a key that reads': reads,
    'a key that writes': await key('tasks:write'),
    'a key of the account': account,
    'a key of the account that acts for somebody': as(account, ada.id),
    'a key that acts for somebody': as(reads, ada.id),
    'a key that ends soon': await addKey(admin, ada, ['tasks:read'], 3600 * SECOND),
    'a key that has ended': await addKey(admin, ada, ['tasks:read'], -SECOND),
    'a service for a user': service(ada.id),
    'a service for nobody': service(null),
    'a service for an unknown user': service(randomUUID()),
    'a service whose key has ended': late(ada.id),
    'a session in its own space': inside(ada.caller, ada.id),
    'a session in another’s space': inside(ada.caller, ben.id),
    'a session in a space that is not there': inside(ada.caller, randomUUID()),
    'a key in its own space': inside(reads, ada.id),
    'a key in another’s space': inside(reads, ben.id),
    'a key of the account in another’s space': inside(account, ben.id),
    'a session in another space of its own': inside(ada.caller, home),
    'a key bound to its own space': await bound(ada.id),
    'a key bound to another of its own': await bound(home),
    'a key bound to another of its own, there': inside(await bound(home), home),
    'a key bound to another of its own, in the first': inside(await bound(home), ada.id),
    'a key bound to its own space, in another of its own': inside(await bound(ada.id), home),
    'a key bound to its own space, in another’s': inside(await bound(ada.id), ben.id),
    'a key bound to another’s space': await bound(ben.id),
    'a key bound to another’s space, there': inside(await bound(ben.id), ben.id),
    'a key bound to another’s space, in its own': inside(await bound(ben.id), ada.id),
    'a service for a user in their space': inside(service(ada.id), ada.id),
    'a service for a user in another’s space': inside(service(ada.id), ben.id),
    'a service for an unknown user in a space that is there': inside(service(randomUUID()), ada.id),
    'a stranger': stranger(),
    'a stranger in a space that is there': inside(stranger(), ada.id),
    'a stranger who acts for somebody': as(stranger(), ada.id),
  }
}

async function byReading(caller: Caller): Promise<string> {
  try {
    await read(database, caller, 'tasks:read', statement(sql`select 1`))
    return 'may'
  } catch (error) {
    if (error instanceof DatabaseError) return error.fault
    throw error
  }
}

test('tw.watch() refuses the same callers as a read, for every kind of caller', async () => {
  const all = Object.entries(await callers())
  const read = await Promise.all(all.map(async ([, caller]) => await byReading(caller)))
  // Every outcome occurs among the callers.
  expect(new Set(read)).toEqual(
    new Set(['may', 'unauthenticated', 'forbidden_scope', 'forbidden_acting', 'user_unknown', 'space_not_found']),
  )
  // No head is known, so there is a row for each caller.
  const watched = all.map(([, caller]) => ({ caller, revision: -1 }))
  const news = watchResults(await database.query(watchStatement(watched)))
  const found = Object.fromEntries(news.map(({ at, refusal }) => [at, refusal?.fault ?? 'may']))
  expect(all.map(([name], at) => [name, found[at]])).toEqual(all.map(([name], at) => [name, read[at]]))
  expect(news).toHaveLength(all.length)
})

test('tw.watch() returns no row for a caller that knows the head, and the head for others', async () => {
  const [ada, ben] = [await addUser(admin), await addUser(admin)]
  await admin`update tw.spaces set revision = 7 where id = ${ben.id}`
  const spaceId = await addSpace(admin, ben)
  await admin`update tw.spaces set revision = 3 where id = ${spaceId}`
  const watched = [
    { caller: ada.caller, revision: 0 },
    { caller: ben.caller, revision: 6 },
    { caller: ben.caller, revision: 7 },
    // The caller has a later revision than the space, as after a restore of an earlier backup.
    { caller: ben.caller, revision: 8 },
    { caller: { ...ben.caller, spaceId }, revision: 7 },
    { caller: { ...ben.caller, spaceId }, revision: 3 },
    { caller: await addKey(admin, ben, ['tasks:read'], null, spaceId), revision: 2 },
  ]
  expect(watchResults(await database.query(watchStatement(watched)))).toEqual([
    { at: 1, refusal: undefined, head: 7 },
    { at: 3, refusal: undefined, head: 7 },
    { at: 4, refusal: undefined, head: 3 },
    { at: 6, refusal: undefined, head: 3 },
  ])
  expect(watchResults(await database.query(watchStatement([])))).toEqual([])
})
