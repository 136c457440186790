import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Work } from '../works.ts'
import { type RunningServer, startServer } from '../subjects/start-server.ts'
import { type Bench, jobOf, type Measurements } from './rounds.ts'
import { inTurns } from './turns.ts'

const MEASURED = ['get', 'list', 'create', 'handling'] as const satisfies readonly Work[]

/** One process of the service, and one for each core; no process is pinned to one. */
export async function runWorkers(bench: Bench, data: string): Promise<Measurements> {
  const ready = bench.ready.get('taskwire')
  if (ready === undefined) return new Map()
  const start = async (workers: number): Promise<RunningServer> =>
    await startServer({
      name: 'taskwire',
      database: bench.database,
      directory: join(data, 'logs', `workers-${workers}`),
      workers,
    })
  await using one = await start(1)
  const cores = availableParallelism()
  await using several = await start(cores)
  const found: Measurements = new Map()
  for (const work of MEASURED)
    found.set(
      `workers-${work}`,
      await inTurns(bench, `workers-${work}`, [
        ['1 process', jobOf(bench, { ...ready, server: one }, work, bench.options.seed)],
        [`${cores} processes`, jobOf(bench, { ...ready, server: several }, work, bench.options.seed)],
      ]),
    )
  return found
}

/** A call that does nothing, by the service as it is and with every call left to tRPC's own adapter. */
export async function runAdapters(bench: Bench, data: string): Promise<Measurements> {
  const ready = bench.ready.get('taskwire')
  if (ready === undefined) return new Map()
  await using server = await startServer({
    name: 'taskwire',
    database: bench.database,
    directory: join(data, 'logs', 'official'),
    program: 'bench/src/subjects/taskwire/official.ts',
  })
  const { seed } = bench.options
  const sides = [
    ['plain', jobOf(bench, ready, 'handling', seed)],
    ['official', jobOf(bench, { ...ready, server }, 'handling', seed)],
  ] as const
  return new Map([['adapters', await inTurns(bench, 'adapters', sides)]])
}
