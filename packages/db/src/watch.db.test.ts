import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from './connect.ts'
import { type Caller, type Database, openDatabase } from './door.ts'
import { DatabaseError } from './errors.ts'
import { sql, statement } from './statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from './testing/index.ts'
import { addKey, addServiceKey, addUser, stranger } from './testing/people.ts'
import { newsOf, watchStatement } from './watch.ts'

let test1: TestDatabase
let admin: Sql
let database: Database
beforeAll(async () => {
  test1 = await createTestDatabase()
  admin = createClient({ address: test1.admin, applicationName: 'test' })
  database = openDatabase({ address: test1.app, max: 5, applicationName: 'test', ...PATIENT })
})
afterAll(async () => {
  await admin.end()
  await database.end()
  await test1[Symbol.asyncDispose]()
})

const SECOND = 1000
/** Everybody who may come, and some who may not. */
async function callers(): Promise<Record<string, Caller>> {
  const ada = await addUser(admin)
  const key = async (...scopes: string[]): Promise<Caller> => await addKey(admin, ada, scopes)
  const service = await addServiceKey(admin, ['tasks:read'])
  const late = await addServiceKey(admin, ['tasks:write'], -SECOND)
  const as = (caller: Caller, actingAs: string): Caller => ({ ...caller, actingAs })
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
    'a stranger': stranger(),
    'a stranger who acts for somebody': as(stranger(), ada.id),
  }
}

async function byTheDoor(caller: Caller): Promise<string> {
  try {
    await database.read(caller, 'tasks:read', statement(sql`select 1`))
    return 'may'
  } catch (error) {
    if (error instanceof DatabaseError) return error.fault
    throw error
  }
}

test('it finds of every kind of caller what the door finds', async () => {
  const all = Object.entries(await callers())
  const door = await Promise.all(all.map(async ([, caller]) => await byTheDoor(caller)))
  // Both outcomes are there, or it would show nothing.
  expect(new Set(door)).toEqual(new Set(['may', 'unauthenticated', 'forbidden_scope', 'forbidden_acting']))
  // No head is known, so that there is news of each.
  const watched = all.map(([, caller]) => ({ caller, revision: -1 }))
  const news = newsOf(await database.query(watchStatement(watched)))
  const found = Object.fromEntries(news.map(({ at, refusal }) => [at, refusal?.fault ?? 'may']))
  expect(all.map(([name], at) => [name, found[at]])).toEqual(all.map(([name], at) => [name, door[at]]))
  expect(news).toHaveLength(all.length)
})

test('of those who may and know their head it says nothing; of others the head', async () => {
  const [ada, ben] = [await addUser(admin), await addUser(admin)]
  await admin`update tw.user_heads set revision = 7 where user_id = ${ben.id}`
  const watched = [
    { caller: ada.caller, revision: 0 },
    { caller: ben.caller, revision: 6 },
    { caller: ben.caller, revision: 7 },
    // After a restore to an earlier point.
    { caller: ben.caller, revision: 8 },
  ]
  expect(newsOf(await database.query(watchStatement(watched)))).toEqual([
    { at: 1, refusal: undefined, head: 7 },
    { at: 3, refusal: undefined, head: 7 },
  ])
  expect(newsOf(await database.query(watchStatement([])))).toEqual([])
})
