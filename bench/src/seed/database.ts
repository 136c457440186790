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

/** Raised when what seeding makes changes, so that kept data is made anew. */
const SEED_VERSION = 4
const DATABASE = 'bench'

export interface BenchDatabase extends AsyncDisposable {
  model: Model
  version: string
  port: number
  postmasterPid: number
  /** A superuser's. */
  sql: Sql
  /** An address as the role; `port` is another one in front of the server. */
  url(role: Role, port?: number): string
}

export interface DatabaseOptions {
  size: Size
  seed: number
  /** Where clusters are kept, one for each size. */
  directory: string
  say(line: string): void
}

/** PostgreSQL with the data of this size: as it was kept, or made now. */
export async function openDatabase({ size, seed: number, directory, say }: DatabaseOptions): Promise<BenchDatabase> {
  const large = size.tasks >= 1_000_000
  const server = await startEmbeddedDatabase({
    directory: join(directory, `${size.users}x${size.tasks}`),
    // Durable, as in production: acknowledged is on disk.
    settings: {
      max_connections: '300',
      shared_buffers: large ? '2GB' : '256MB',
      max_wal_size: large ? '8GB' : '1GB',
      // The peers connect over TCP with passwords too; nothing else differs from what PostgreSQL brings.
    },
  })
  try {
    const admin = server.adminUrl.replace(/\/postgres$/, `/${DATABASE}`)
    const model = await prepare({ adminUrl: server.adminUrl, admin, size, number, say })
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
  say(line: string): void
}

async function prepare({ adminUrl, admin, size, number, say }: PrepareOptions): Promise<Model> {
  await using server = disposable(connect(adminUrl))
  const kept = await keptModel(server.sql, admin, size, number)
  if (kept !== undefined) {
    try {
      await bringUpToDate(admin)
      await using database = disposable(connect(admin))
      await tidy(database.sql, kept)
      return kept
    } catch (error) {
      say(`The kept data is of other migrations, and is made anew (${error instanceof Error ? error.message : ''})`)
    }
  }
  say(`Seeding ${size.users} users and ${size.tasks} tasks; kept for the next time`)
  await server.sql.unsafe(`drop database if exists ${DATABASE} with (force)`)
  await server.sql.unsafe(`create database ${DATABASE} template template0`)
  await bringUpToDate(admin)
  // In milliseconds that JavaScript and PostgreSQL agree upon: the start of the day.
  const model = createModel(size, number, Math.floor(Date.now() / 86_400_000) * 86_400_000)
  await using database = disposable(connect(admin, 2))
  await seed(database.sql, model, createProgress())
  await database.sql`create table bench_seed.done as select ${SEED_VERSION}::int as version, ${JSON.stringify(model)}::text as model`
  return model
}

async function keptModel(sql: Sql, admin: string, size: Size, number: number): Promise<Model | undefined> {
  const [there] = await sql`select from pg_database where datname = ${DATABASE}`
  if (there === undefined) return undefined
  await using database = disposable(connect(admin))
  const [table] = await database.sql`select to_regclass('bench_seed.done') is not null as there`
  if (table?.['there'] !== true) return undefined
  const [row] = await database.sql<{ version: number; model: string }[]>`select version, model from bench_seed.done`
  if (row?.version !== SEED_VERSION) return undefined
  // What this program wrote there itself.
  const model = JSON.parse(row.model) as Model
  return model.users === size.users && model.tasks === size.tasks && model.seed === number ? model : undefined
}

/** By the project's own means: the roles, then the migrations as their owner. */
async function bringUpToDate(admin: string): Promise<void> {
  const address = parseAddress('the benchmark database', admin)
  const passwords = { taskwire_owner: PASSWORD, taskwire_app: PASSWORD, taskwire_auth: PASSWORD }
  await setUpRoles({ admin: address, passwords })
  await migrate({ address: { ...address, user: 'taskwire_owner', password: PASSWORD } })
  await using database = disposable(connect(admin))
  await makeRoles(database.sql)
  await database.sql.unsafe(SEARCH_FUNCTION)
}

/** Drops what earlier runs have added. */
async function tidy(sql: Sql, { baseMs, tasks, stepMs }: Model): Promise<void> {
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
    // For seeding, and for nothing that is measured.
    connection: { application_name: 'taskwire-bench', synchronous_commit: false, maintenance_work_mem: '1GB' },
  })
}

function disposable(sql: Sql): AsyncDisposable & { sql: Sql } {
  return { sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }) }
}
