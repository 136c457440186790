import { expect, test } from 'vitest'
import { connectOnce } from './connection/connect.ts'
import { migrate } from './migrate.ts'
import { createEmptyDatabase } from './testing/index.ts'

test('a database from before spaces stays unchanged, and the error says how to migrate its data', async () => {
  await using database = await createEmptyDatabase()
  await using owner = await connectOnce({ address: database.owner, applicationName: 'test' })
  await owner.sql.unsafe('create schema tw; create table tw.user_heads (user_id uuid primary key)')
  await expect(migrate({ address: database.owner })).rejects.toThrow(
    /was made by a version of Taskwire before spaces.*nothing was changed\. Export each account.*move the folder \.taskwire away\), start, and import\./,
  )
  const schemas = await owner.sql`select nspname from pg_namespace where nspname in ('auth', 'tw', 'tw_migrations')`
  expect([...schemas]).toEqual([{ nspname: 'tw' }])
})
