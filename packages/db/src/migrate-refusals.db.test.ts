import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createEmptyDatabase } from './testing/index.ts'
import { addMigration, applied, connect, createTestMigrations, ONE, tables, TWO } from './testing/migrations.ts'

const migrations = await createTestMigrations()
const { root, migrate, directory } = migrations
afterAll(() => migrations[Symbol.asyncDispose]())

test('other logins than the owner cannot migrate', async () => {
  await using database = await createEmptyDatabase()
  for (const [address, login] of [
    [database.admin, 'postgres'],
    [database.app, 'taskwire_app'],
  ] as const)
    await expect(migrate({ address })).rejects.toThrow(
      `must be migrated by taskwire_owner, which then owns the tables, and not by ${login}: set DATABASE_OWNER_URL to an address of taskwire_owner.`,
    )
})

test('a migration that was edited after it was applied is refused, and nothing else is applied', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE })
  await migrate({ address: database.owner, directory: path })
  await addMigration(path, '20260101000000_one', `${ONE} -- as it should have been`)
  await addMigration(path, '20260101000001_two', TWO)
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    'The migration 20260101000000_one was edited after this database had applied it: restore its file, and put the change into a new migration.',
  )
  await using admin = await connect(database.admin)
  expect(await applied(admin.sql)).toEqual(['20260101000000_one'])
  expect(await tables(admin.sql)).toEqual(['one'])
})

test('a migration that was renamed is refused', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000000_one': ONE })
  await migrate({ address: database.owner, directory: path })
  await rename(join(path, '20260101000000_one'), join(path, '20260101000009_uno'))
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    'The migration 20260101000009_uno was applied by this database as 20260101000000_one: give its folder that name again.',
  )
})

test('a migration older than an applied one is refused', async () => {
  await using database = await createEmptyDatabase()
  const path = await directory({ '20260101000001_one': ONE })
  await migrate({ address: database.owner, directory: path })
  await addMigration(path, '20260101000000_two', TWO)
  await expect(migrate({ address: database.owner, directory: path })).rejects.toThrow(
    'The migration 20260101000000_two is older than 20260101000001_one, which this database has applied already: rename its folder to a later time, so that every database applies them in the same order.',
  )
  await using admin = await connect(database.admin)
  expect(await tables(admin.sql)).toEqual(['one'])
})

test('a directory without migrations, or with one without a time in its name, is refused', async () => {
  await using database = await createEmptyDatabase()
  await expect(migrate({ address: database.owner, directory: join(root, 'nowhere') })).rejects.toThrow(
    `The migrations cannot be read from ${join(root, 'nowhere')}: put the folder migrations of packages/db there.`,
  )
  await expect(migrate({ address: database.owner, directory: await directory({ first: ONE }) })).rejects.toThrow(
    'The migration first has no time in its name, by which it is ordered: name it as drizzle-kit does, 20261122093000_what.',
  )
})

test('a pooled address is refused before anything connects', async () => {
  const address = {
    host: 'ep-x-pooler.example',
    port: 5432,
    database: 'd',
    user: 'u',
    password: '',
    tls: 'off',
    pooled: true,
  } as const
  await expect(migrate({ address })).rejects.toThrow(
    'The database at ep-x-pooler.example cannot be migrated through a pooler, which keeps no lock between transactions: give DATABASE_OWNER_URL the direct address',
  )
})

test('a database without UTF8, or in which the owner may not create schemas, is refused', async () => {
  await using database = await createEmptyDatabase()
  await using admin = await connect(database.admin)
  await admin.sql.unsafe(`revoke create on database ${database.name} from taskwire_owner`)
  await expect(migrate({ address: database.owner })).rejects.toThrow(
    /does not let taskwire_owner create schemas: run npm run db:setup with the address of an administrator\.$/,
  )
  const other = `${database.name}_ascii`
  await admin.sql.unsafe(
    `create database ${other} template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`,
  )
  try {
    await expect(migrate({ address: { ...database.owner, database: other } })).rejects.toThrow(
      /has the encoding SQL_ASCII, which does not cover every character: create it again with UTF8\.$/,
    )
  } finally {
    await admin.sql.unsafe(`drop database ${other} with (force)`)
  }
})
