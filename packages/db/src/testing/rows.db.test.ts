import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { connectOnce } from '../connection/connect.ts'
import { createTestDatabase, hashRows } from './index.ts'
import { addKey, addUser } from './users.ts'

test('the hashes of an account cover every table with rows of accounts or spaces, and change only with its own rows', async () => {
  await using database = await createTestDatabase()
  await using connection = await connectOnce({ address: database.admin, applicationName: 'test' })
  const { sql } = connection
  const [ada, ben] = [await addUser(sql), await addUser(sql)]
  const before = await hashRows(sql, ada.id)
  const tables = await sql<{ name: string }[]>`select oid::regclass::text as name from pg_class
    where relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and relkind = 'r' order by 1`
  const ofNobody = ['auth.sign_in_attempts', 'tw.service_keys']
  expect(Object.keys(before)).toEqual(tables.map(({ name }) => name).filter((name) => !ofNobody.includes(name)))

  /** The tables whose hash has changed. */
  async function changedBy(work: () => Promise<unknown>): Promise<string[]> {
    const was = await hashRows(sql, ada.id)
    await work()
    const now = await hashRows(sql, ada.id)
    return Object.keys(now).filter((table) => now[table] !== was[table])
  }
  let position = 1
  const addTask = async (space: string, maker: string) =>
    await sql`insert into tw.tasks (space_id, id, user_id, title, position, revision, created_at, updated_at)
      values (${space}, ${randomUUID()}, ${maker}, 'Task', tw.position_text(${position++}), 1, now(), now())`
  expect(await changedBy(async () => await addTask(ada.id, ben.id))).toEqual(['tw.tasks'])
  expect(await changedBy(async () => await addTask(ben.id, ada.id))).toEqual(['tw.tasks'])
  expect(await changedBy(async () => await addTask(ben.id, ben.id))).toEqual([])
  expect(await changedBy(async () => await addKey(sql, ada, ['tasks:read']))).toEqual(['tw.api_keys'])
  expect(await changedBy(async () => await addKey(sql, ben, ['tasks:read'], null, ada.id))).toEqual(['tw.api_keys'])
  expect(await changedBy(async () => await addKey(sql, ben, ['tasks:read']))).toEqual([])
  expect(await changedBy(async () => await sql`update tw.spaces set revision = 1 where id = ${ada.id}`)).toEqual([
    'tw.spaces',
  ])
  expect(await changedBy(async () => await sql`update auth.users set name = 'Ada' where id = ${ada.id}`)).toEqual([
    'auth.users',
  ])
  expect(await changedBy(async () => await sql`update auth.users set name = 'Ben' where id = ${ben.id}`)).toEqual([])
})
