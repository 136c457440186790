import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Measured } from '../load/job.ts'
import type { BenchDatabase } from '../seed/database.ts'
import type { Server, Subject } from '../subjects/calls.ts'
import { startServer } from '../subjects/start-server.ts'
import { cpuOfFamily, cpuOfProcess } from './processes.ts'

/** A start is no call, but has the same figures: `rate` is starts a second, p50 its milliseconds. */
export interface StartsOptions {
  subjects: readonly Subject[]
  database: BenchDatabase
  directory: string
  rounds: number
  tell(line: string): void
}

export const EMBEDDED = 'taskwire-embedded'
export type Started = Map<Server | typeof EMBEDDED, Measured[]>

/** From the start of the process to its first answer, on a database that is there. */
export async function measureStarts(options: StartsOptions): Promise<Started> {
  const { subjects, database, directory, rounds, tell } = options
  const results: Started = new Map()
  const servers = subjects.filter((subject): subject is Server => subject !== 'database')
  const embeddedDirectory = join(directory, 'embedded')
  const environment = { TASKWIRE_DIRECTORY: embeddedDirectory }
  // A first start makes the database, by the migrations of today; those that count find it.
  rmSync(embeddedDirectory, { recursive: true, force: true })
  if (servers.includes('taskwire'))
    await stopAgain(await startServer({ name: 'taskwire', database, directory, environment }))
  for (let round = 0; round < rounds; round++)
    for (const name of servers.flatMap((name) => (name === 'taskwire' ? ([name, EMBEDDED] as const) : [name]))) {
      tell(`start: round ${round + 1} of ${rounds}, ${name}`)
      const embedded = name === EMBEDDED
      const before = cpuOfFamily(database.postmasterPid)
      await using server = await startServer({
        name: embedded ? 'taskwire' : name,
        database,
        directory,
        ...(embedded ? { environment } : {}),
      })
      const { startedMs } = server
      const measured: Measured = {
        calls: 1,
        refused: 0,
        rate: 1000 / startedMs,
        p50: startedMs,
        p95: startedMs,
        p99: startedMs,
        max: startedMs,
        cpuServerUs: cpuOfProcess(server.pid),
        cpuDatabaseUs: embedded ? 0 : cpuOfFamily(database.postmasterPid) - before,
        bytes: 0,
        generatorLoad: 0,
      }
      results.set(name, [...(results.get(name) ?? []), measured])
    }
  return results
}

async function stopAgain(server: AsyncDisposable): Promise<void> {
  await server[Symbol.asyncDispose]()
}
