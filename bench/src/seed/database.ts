import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { migrate, parseAddress, setUpRoles } from '../../../packages/db/src/index.ts'
import { startEmbeddedDatabase } from '../../../packages/embedded-db/src/index.ts'
import { createModel, type Model, type Size } from '../model.ts'
import { SEARCH_FUNCTION } from '../subjects/postgraphile/functions.ts'
import { createProgress } from './progress.ts'
import { makeRoles, PASSWORD, type Role } from './roles.ts'
import { seed } from './seed.ts'

/** Raise this when seeding changes, so that kept data is created again. */
const SEED_VERSION = 4
const DATABASE = 'bench'

export interface BenchDatabase extends AsyncDisposable {
  model: Model
  version: string
  port: number
  postmasterPid: number
  /** A connection of the superuser. */
  sql: Sql
  /** A URL for the role. `port` is the port of a proxy; without it, the URL is direct. */
  url(role: Role, port?: number): string
}

export interface DatabaseOptions {
  size: Size
  seed: number
  /** Directory of the clusters, one for each size. */
  directory: string
  print(line: string): void
}

/** Starts PostgreSQL with the data of this size, kept from an earlier run or created now. */
export async function openDatabase({ size, seed: number, directory, print }: DatabaseOptions): Promise<BenchDatabase> {
  const isLarge = size.tasks >= 1_000_000
  const server = await startEmbeddedDatabase({
    directory: join(directory, `${size.users}x${size.tasks}`),
    // Durable by default, as in production.
    settings: {
      max_connections: '300',
      shared_buffers: isLarge ? '2GB' : '256MB',
      max_wal_size: isLarge ? '8GB' : '1GB',
    },
  })
  try {
    const admin = server.adminUrl.replace(/\/postgres$/, `/${DATABASE}`)
    const model = await prepare({ adminUrl: server.adminUrl, admin, size, number, print })
    const sql = connect(admin)
    const pidFile = await readFile(join(server.directory, 'data/postmaster.pid'), 'utf8')
    return {
      model,
      version: server.version,
      port: server.port,
      postmasterPid: Number(pidFile.split('\n', 1)[0]),
      sql,
      url: (role, port = server.port) => `postgres://${role}:${PASSWORD}@127.0.0.1:${port}/${DATABASE}`,
      async [Symbol.asyncDispose]() {
        await sql.end({ timeout: 1 })
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

interface PrepareOptions {
  adminUrl: string
  admin: string
  size: Size
  number: number
  print(line: string): void
}

async function prepare({ adminUrl, admin, size, number, print }: PrepareOptions): Promise<Model> {
  await using server = disposable(connect(adminUrl))
  const kept = await keptModel(server.sql, admin, size, number)
  if (kept !== undefined) {
    try {
      await migrateDatabase(admin)
      await using database = disposable(connect(admin))
      await removeAddedRows(database.sql, kept)
      return kept
    } catch (error) {
      print(`The kept data has other migrations and is created again (${error instanceof Error ? error.message : ''})`)
    }
  }
  print(`Seeding ${size.users} users and ${size.tasks} tasks; kept for later runs`)
  await server.sql.unsafe(`drop database if exists ${DATABASE} with (force)`)
  await server.sql.unsafe(`create database ${DATABASE} template template0`)
  await migrateDatabase(admin)
  // The start of the day, which is exact in JavaScript and PostgreSQL.
  const model = createModel(size, number, Math.floor(Date.now() / 86_400_000) * 86_400_000)
  await using database = disposable(connect(admin, 2))
  await seed(database.sql, model, createProgress())
  await database.sql`create table bench_seed.done as select ${SEED_VERSION}::int as version, ${JSON.stringify(model)}::text as model`
  return model
}

async function keptModel(sql: Sql, admin: string, size: Size, number: number): Promise<Model | undefined> {
  const [existing] = await sql`select from pg_database where datname = ${DATABASE}`
  if (existing === undefined) return undefined
  await using database = disposable(connect(admin))
  const [table] = await database.sql`select to_regclass('bench_seed.done') is not null as there`
  if (table?.['there'] !== true) return undefined
  const [row] = await database.sql<{ version: number; model: string }[]>`select version, model from bench_seed.done`
  if (row?.version !== SEED_VERSION) return undefined
  // Written by prepare().
  const model = JSON.parse(row.model) as Model
  return model.users === size.users && model.tasks === size.tasks && model.seed === number ? model : undefined
}

/** Sets up the roles and applies the project's migrations as their owner. */
async function migrateDatabase(admin: string): Promise<void> {
  const address = parseAddress('the benchmark database', admin)
  const passwords = { taskwire_owner: PASSWORD, taskwire_app: PASSWORD, taskwire_auth: PASSWORD }
  await setUpRoles({ admin: address, passwords })
  await migrate({ address: { ...address, user: 'taskwire_owner', password: PASSWORD } })
  await using database = disposable(connect(admin))
  await makeRoles(database.sql)
  await database.sql.unsafe(SEARCH_FUNCTION)
}

/** Removes the rows that earlier runs have added. */
async function removeAddedRows(sql: Sql, { baseMs, tasks, stepMs }: Model): Promise<void> {
  const end = new Date(baseMs + (tasks + 1) * stepMs).toISOString()
  const dropped = await sql`delete from tw.tasks where created_at > ${end}`
  await sql`delete from tw.changes where at > ${end}`
  await sql`truncate tw.mutations`
  if (dropped.count > 0)
    for (const table of ['tasks', 'changes', 'spaces']) await sql.unsafe(`vacuum analyze tw.${table}`)
  await sql`checkpoint`
}

function connect(address: string, max = 1): Sql {
  return postgres(address, {
    max,
    onnotice: () => {},
    // Used only for seeding, never for measurements.
    connection: { application_name: 'taskwire-bench', synchronous_commit: false, maintenance_work_mem: '1GB' },
  })
}

function disposable(sql: Sql): AsyncDisposable & { sql: Sql } {
  return { sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }) }
}
