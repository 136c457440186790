import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Work } from '../works.ts'
import { type RunningServer, startServer } from '../subjects/start-server.ts'
import { type Bench, jobOf, jobSide, type Measurements } from './sides.ts'
import { measureInTurns } from './turns.ts'

const WORKS_MEASURED = ['get', 'list', 'create', 'handling'] as const satisfies readonly Work[]

/** Compares one process of the service with one per core, none of them pinned. */
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
  for (const work of WORKS_MEASURED)
    found.set(
      `workers-${work}`,
      await measureInTurns(bench, `workers-${work}`, [
        jobSide(bench, '1 process', jobOf(bench, { ...ready, server: one }, work)),
        jobSide(bench, `${cores} processes`, jobOf(bench, { ...ready, server: several }, work)),
      ]),
    )
  return found
}

/** Compares the service's own handling of a call that does nothing with tRPC's Fastify adapter. */
export async function runAdapters(bench: Bench, data: string): Promise<Measurements> {
  const ready = bench.ready.get('taskwire')
  if (ready === undefined) return new Map()
  await using server = await startServer({
    name: 'taskwire',
    database: bench.database,
    directory: join(data, 'logs', 'official'),
    program: 'bench/src/subjects/taskwire/official.ts',
  })
  const sides = [
    jobSide(bench, 'plain', jobOf(bench, ready, 'handling')),
    jobSide(bench, 'official', jobOf(bench, { ...ready, server }, 'handling')),
  ]
  return new Map([['adapters', await measureInTurns(bench, 'adapters', sides)]])
}
