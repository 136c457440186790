// Starts many instances at once on an empty database; then, on other databases, blocks a migration at a random command and
// kills either the migrating process or PostgreSQL.
// Fails if a start fails, a migration is applied more than once, a killed migration leaves a schema behind, or the schema
// differs from packages/db/schema.sql.

import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runAdmin, spawnAdmin } from '@taskwire/api/process-testing'
import { connectOnce, migrationsDirectory } from '@taskwire/db'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { type Instance, startInstance } from '../instance.ts'
import { until } from '../processes.ts'
import { createRandom, type Random } from '../random.ts'
import { schemaOf } from '../schema.ts'
import { type Server, startServer } from '../server.ts'

export const promise =
  'When many processes start at once, each migration is applied once. A migration that is killed leaves nothing behind.'
export const negativeControl = 'the processes migrate without a lock'

const SIZES = {
  short: { starters: 4, kills: 2 },
  long: { starters: 20, kills: 20 },
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { starters } = SIZES[size]
  const kills = isNegativeControl ? 0 : SIZES[size].kills
  const random = createRandom(seed)
  await using server = await startServer({ migrated: false })
  const violations: string[] = []
  const expected = await readFile(fileURLToPath(new URL('../schema.sql', `file://${migrationsDirectory}/`)), 'utf8')

  const started = await Promise.allSettled(
    Array.from(
      { length: starters },
      async () => await (isNegativeControl ? migrateWithoutLock(server) : start(server)),
    ),
  )
  for (const result of started) {
    if (result.status === 'rejected')
      violations.push(`one of ${starters} processes that started at once failed: ${String(result.reason)}`)
    else await result.value?.[Symbol.asyncDispose]()
  }
  if (!isNegativeControl) violations.push(...(await checkSchema(server, undefined, expected)))
  print(`${starters} processes started at once`)

  for (let kill = 1; kill <= kills; kill++) {
    const database = `killed_${kill}`
    await server.addDatabase(database)
    await killMigration(server, database, random)
    const left = await server.query(
      "select 1 from pg_namespace where nspname in ('tw', 'auth', 'tw_migrations')",
      database,
    )
    expectThat(violations, left.length === 0, `a killed migration left ${left.length} schemas behind`)
    await runAdmin(['migrate'], settingsFor(server, database))
    violations.push(...(await checkSchema(server, database, expected)))
    print(`${kill} of ${kills} migrations killed`)
  }
  return { metrics: { starters, 'killed migrations': kills }, violations }
}

function settingsFor(server: Server, database?: string): Record<string, string> {
  return {
    ...server.settings,
    DATABASE_URL: server.url('taskwire_app', database),
    DATABASE_AUTH_URL: server.url('taskwire_auth', database),
    DATABASE_OWNER_URL: server.url('taskwire_owner', database),
    DATABASE_POOL_MAX: '5',
  }
}

/** Starts an instance, which migrates, and waits until it is ready. */
async function start(server: Server): Promise<Instance> {
  const instance = await startInstance(settingsFor(server))
  await until('the instance to be ready', async () => (await fetch(`${instance.url}/health/ready`)).status === 200)
  return instance
}

/** Migrates as the service would without its lock. */
async function migrateWithoutLock(server: Server): Promise<undefined> {
  await using connection = await connectOnce({
    address: server.address('taskwire_owner'),
    applicationName: 'without-lock',
  })
  for (const name of (await readdir(migrationsDirectory)).toSorted())
    await connection.sql.unsafe(await readFile(join(migrationsDirectory, name, 'migration.sql'), 'utf8'))
}

async function checkSchema(server: Server, database: string | undefined, expected: string): Promise<string[]> {
  const violations: string[] = []
  const applied = await server.query<{ name: string; times: number }>(
    'select name, count(*)::int as times from tw_migrations.applied group by name',
    database,
  )
  for (const { name, times } of applied) expectThat(violations, times === 1, `${name} was applied ${times} times`)
  expectThat(
    violations,
    (await schemaOf(server, database)) === expected,
    'the schema differs from packages/db/schema.sql',
  )
  return violations
}

/** Blocks a migration at a random DDL command, then kills either the migrating process or PostgreSQL. */
async function killMigration(server: Server, database: string, random: Random): Promise<void> {
  const LOCK = 4711
  await server.query(
    `create sequence public.commands;
     create function public.hold() returns event_trigger language plpgsql security definer as $$ begin
       if nextval('public.commands') = ${2 + random.below(60)} then
         perform pg_advisory_xact_lock(${LOCK});
       end if;
     end $$;
     create event trigger hold on ddl_command_end execute function public.hold();`,
    database,
  )
  const address = server.address('postgres', database)
  const holder = await connectOnce({ address, applicationName: 'holder' })
  await holder.sql.unsafe(`select pg_advisory_lock(${LOCK})`)
  const migrator = spawnAdmin(['migrate'], settingsFor(server, database))
  const ended = once(migrator, 'close')
  const blocked = "select 1 from pg_locks where locktype = 'advisory' and objid = 4711 and not granted"
  await until('the migration to be blocked', async () => (await server.query(blocked, database)).length > 0)
  if (random.next() < 0.5) {
    migrator.kill('SIGKILL')
    await ended
    await holder.sql.unsafe(`select pg_advisory_unlock(${LOCK})`)
    const active = "select 1 from pg_stat_activity where application_name = 'taskwire-migrate'"
    await until('the session of the migrator to end', async () => (await server.query(active)).length === 0)
  } else {
    await server.kill()
    await ended
    await server.start()
  }
  await holder.sql.end({ timeout: 0 }).catch(() => {})
  await server.query('drop event trigger hold; drop function public.hold; drop sequence public.commands', database)
}
