import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
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
  'Of many that start at once each migration is applied once; one that is killed half-way leaves nothing.'
export const sabotage = 'those that start migrate without a lock'

const SIZES = {
  short: { starters: 4, kills: 2 },
  long: { starters: 20, kills: 20 },
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { starters } = SIZES[size]
  const kills = saboteur ? 0 : SIZES[size].kills
  const random = createRandom(seed)
  await using server = await startServer({ migrated: false })
  const red: string[] = []
  const expected = await readFile(fileURLToPath(new URL('../schema.sql', `file://${migrationsDirectory}/`)), 'utf8')

  const started = await Promise.allSettled(
    Array.from({ length: starters }, async () => await (saboteur ? migrateCarelessly(server) : start(server))),
  )
  for (const one of started) {
    if (one.status === 'rejected') red.push(`one of ${starters} that started at once failed: ${String(one.reason)}`)
    else await one.value?.[Symbol.asyncDispose]()
  }
  if (!saboteur) red.push(...(await problems(server, undefined, expected)))
  say(`${starters} started at once`)

  for (let kill = 1; kill <= kills; kill++) {
    const database = `killed_${kill}`
    await server.addDatabase(database)
    await killHalfWay(server, database, random)
    const left = await server.query(
      "select 1 from pg_namespace where nspname in ('tw', 'auth', 'tw_migrations')",
      database,
    )
    expectThat(red, left.length === 0, `a migration that was killed half-way left ${left.length} schemas`)
    await runAdmin(['migrate'], settingsFor(server, database))
    red.push(...(await problems(server, database, expected)))
    say(`${kill} of ${kills} killed half-way`)
  }
  return { figures: { starters, 'killed half-way': kills }, red }
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

/** An instance that migrates at its start, until it is ready. */
async function start(server: Server): Promise<Instance> {
  const instance = await startInstance(settingsFor(server))
  await until('the instance to be ready', async () => (await fetch(`${instance.url}/health/ready`)).status === 200)
  return instance
}

/** What the service would be without its lock. */
async function migrateCarelessly(server: Server): Promise<undefined> {
  await using connection = await connectOnce({ address: server.address('taskwire_owner'), applicationName: 'careless' })
  for (const name of ['20261122000000_tables', '20261122000001_functions'])
    await connection.sql.unsafe(await readFile(join(migrationsDirectory, name, 'migration.sql'), 'utf8'))
}

async function problems(server: Server, database: string | undefined, expected: string): Promise<string[]> {
  const red: string[] = []
  const applied = await server.query<{ name: string; times: number }>(
    'select name, count(*)::int as times from tw_migrations.applied group by name',
    database,
  )
  for (const { name, times } of applied) expectThat(red, times === 1, `${name} was applied ${times} times`)
  expectThat(red, (await schemaOf(server, database)) === expected, 'the schema is not that of packages/db/schema.sql')
  return red
}

/** Holds a migration at one of its commands, where the migrator is killed, or all of PostgreSQL. */
async function killHalfWay(server: Server, database: string, random: Random): Promise<void> {
  const HOLD = 4711
  await server.query(
    `create sequence public.commands;
     create function public.hold() returns event_trigger language plpgsql security definer as $$ begin
       if nextval('public.commands') = ${2 + random.below(60)} then
         perform pg_advisory_xact_lock(${HOLD});
       end if;
     end $$;
     create event trigger hold on ddl_command_end execute function public.hold();`,
    database,
  )
  const address = server.address('postgres', database)
  const holder = await connectOnce({ address, applicationName: 'holder' })
  await holder.sql.unsafe(`select pg_advisory_lock(${HOLD})`)
  const migrator = spawnAdmin(['migrate'], settingsFor(server, database))
  const ended = once(migrator, 'close')
  const held = "select 1 from pg_locks where locktype = 'advisory' and objid = 4711 and not granted"
  await until('the migration to be half-way', async () => (await server.query(held, database)).length > 0)
  if (random.next() < 0.5) {
    migrator.kill('SIGKILL')
    await ended
    await holder.sql.unsafe(`select pg_advisory_unlock(${HOLD})`)
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
