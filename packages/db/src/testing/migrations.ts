import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { type Connection, connectOnce } from '../connection/connect.ts'
import { RELEASE_FILE } from '../function-set.ts'
import { migrate, type MigrateOptions, type Migrated } from '../migrate.ts'
import type { TestDatabase } from './index.ts'

/** Migrations of a test, in directories of their own. */
export interface TestMigrations extends AsyncDisposable {
  root: string
  /** Calls migrate(). With a directory of its own, a test's run has no functions. */
  migrate(options: MigrateOptions): Promise<Migrated>
  /** Creates a directory of migrations, by name. */
  directory(migrations: Record<string, string>): Promise<string>
}

export async function createTestMigrations(): Promise<TestMigrations> {
  const root = await mkdtemp(join(tmpdir(), 'taskwire-migrations-'))
  const none = join(root, 'none')
  await mkdir(none)
  await writeFile(join(none, RELEASE_FILE), JSON.stringify({ release: 0, hash: '' }))
  return {
    root,
    migrate: async (options) =>
      await migrate(options.directory === undefined ? options : { functionsDirectory: none, ...options }),
    async directory(migrations) {
      const made = await mkdtemp(join(root, 'set-'))
      for (const [name, text] of Object.entries(migrations)) await addMigration(made, name, text)
      return made
    },
    [Symbol.asyncDispose]: async () => await rm(root, { recursive: true }),
  }
}

export async function addMigration(to: string, name: string, text: string): Promise<void> {
  await mkdir(join(to, name), { recursive: true })
  await writeFile(join(to, name, 'migration.sql'), text)
}

export async function connect(address: TestDatabase['admin']): Promise<Connection> {
  return await connectOnce({ address, applicationName: 'test' })
}

/** The names of the migrations that were applied. */
export async function applied(sql: Sql): Promise<string[]> {
  const [schema] = await sql<{ there: boolean }[]>`select to_regclass('tw_migrations.applied') is not null there`
  if (schema?.there !== true) return []
  return (await sql<{ name: string }[]>`select name from tw_migrations.applied order by id`).map((row) => row.name)
}

/** The names of the tables that ONE and TWO create. */
export async function tables(sql: Sql): Promise<string[]> {
  const rows = await sql<
    { name: string }[]
  >`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'stock' and c.relkind = 'r' order by 1`
  return rows.map((row) => row.name)
}

export const ONE = 'create schema stock;\n--> statement-breakpoint\ncreate table stock.one (id int);'
export const TWO = 'create table stock.two (id int);\ninsert into stock.two values (1), (2);'
