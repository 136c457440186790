import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Measured } from '../load/job.ts'
import type { BenchDatabase } from '../seed/database.ts'
import type { Server, Subject } from '../subjects/calls.ts'
import { startServer } from '../subjects/start-server.ts'
import { cpuOfTree, cpuOfProcess } from './processes.ts'

export interface StartsOptions {
  subjects: readonly Subject[]
  database: BenchDatabase
  directory: string
  rounds: number
  report(line: string): void
}

export const EMBEDDED = 'taskwire-embedded'
export type Started = Map<Server | typeof EMBEDDED, Measured[]>

/**
 * Measures the time from the start of each process to its first response, on an existing database. Starts are reported
 * like calls: `rate` is starts a second, `p50` the milliseconds of a start.
 */
export async function measureStarts(options: StartsOptions): Promise<Started> {
  const { subjects, database, directory, rounds, report } = options
  const results: Started = new Map()
  const servers = subjects.filter((subject): subject is Server => subject !== 'database')
  const embeddedDirectory = join(directory, 'embedded')
  const environment = { TASKWIRE_DIRECTORY: embeddedDirectory }
  // The first start creates the embedded database and is not measured.
  rmSync(embeddedDirectory, { recursive: true, force: true })
  if (servers.includes('taskwire'))
    await (await startServer({ name: 'taskwire', database, directory, environment }))[Symbol.asyncDispose]()
  for (let round = 0; round < rounds; round++)
    for (const name of servers.flatMap((name) => (name === 'taskwire' ? ([name, EMBEDDED] as const) : [name]))) {
      report(`start: round ${round + 1} of ${rounds}, ${name}`)
      const isEmbedded = name === EMBEDDED
      const before = cpuOfTree(database.postmasterPid)
      await using server = await startServer({
        name: isEmbedded ? 'taskwire' : name,
        database,
        directory,
        ...(isEmbedded ? { environment } : {}),
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
        cpuDatabaseUs: isEmbedded ? 0 : cpuOfTree(database.postmasterPid) - before,
        bytes: 0,
        generatorLoad: 0,
      }
      results.set(name, [...(results.get(name) ?? []), measured])
    }
  return results
}
