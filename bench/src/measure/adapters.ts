import { join } from 'node:path'
import { startServer } from '../subjects/start-server.ts'
import { type Bench, jobOf, jobSide, type Measurements } from './sides.ts'
import { measureInTurns } from './turns.ts'

/** Measures a call that does nothing, handled by the service itself and by tRPC's Fastify adapter. */
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
