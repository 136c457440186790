import { join } from 'node:path'
import type { Job } from '../load/job.ts'
import { pageStep } from '../load/call-specs.ts'
import type { Size } from '../model.ts'
import { openDatabase } from '../seed/database.ts'
import { startServer } from '../subjects/start-server.ts'
import type { Work } from '../works.ts'
import { walkAll } from './preflight.ts'
import { type Bench, jobOf, jobSide, type Measurements } from './sides.ts'
import { measureInTurns } from './turns.ts'

const SMALL: Size = { users: 1000, tasks: 100_000 }
const SMALLER: Size = { users: 10, tasks: 2000 }
/** So few that calls do not wait for each other. */
const CONNECTIONS = 4
const DEEP_PAGE = 1000

/**
 * Measures calls with few and many tasks in the tables, at the start and deep in a list, and for a user with many
 * tasks.
 */
export async function runGrowth(bench: Bench, data: string): Promise<Measurements> {
  const { options, database, ready, report } = bench
  const large = ready.get('taskwire')
  if (large === undefined) return new Map()
  const size = options.size.tasks > SMALL.tasks ? SMALL : SMALLER
  await using few = await openDatabase({ size, seed: options.seed, directory: data, print: report })
  await using server = await startServer({ name: 'taskwire', database: few, directory: join(data, 'logs', 'growth') })
  const small = { ...large, server, cursors: [] }
  const cursors = await walkAll('taskwire', large.server.port, database)
  const step = pageStep(database.model)
  const deep = Math.min(Math.ceil((DEEP_PAGE * 50) / step), cursors.length - 2) * step

  const at = (of: Bench, at: typeof large, work: Work): Job => ({
    ...jobOf(of, at, work),
    connections: CONNECTIONS,
  })
  const smallBench: Bench = { ...bench, database: few }
  const describe = ({ users, tasks }: Size): string =>
    `${tasks.toLocaleString('en-US')} tasks of ${users.toLocaleString('en-US')} users`
  const bySize = (work: Work) => [
    jobSide(bench, describe(size), at(smallBench, small, work)),
    jobSide(bench, describe(options.size), at(bench, large, work)),
  ]
  const page = (depth: number): Job => ({ ...at(bench, { ...large, cursors }, 'page'), depth })
  const found: Measurements = new Map()
  found.set('growth-get', await measureInTurns(bench, 'growth-get', bySize('get')))
  found.set('growth-list', await measureInTurns(bench, 'growth-list', bySize('list')))
  found.set(
    'growth-page',
    await measureInTurns(bench, 'growth-page', [
      jobSide(bench, 'page 1', page(0)),
      // The first page after a cursor.
      jobSide(bench, `page ${step / 50 + 1}`, page(step)),
      jobSide(bench, `page ${deep / 50 + 1}`, page(deep)),
    ]),
  )
  found.set(
    'growth-user',
    await measureInTurns(bench, 'growth-user', [
      jobSide(bench, 'any user', at(bench, large, 'list')),
      jobSide(bench, `a user with ${database.model.heavyTasks.toLocaleString('en-US')}`, page(0)),
    ]),
  )
  return found
}
