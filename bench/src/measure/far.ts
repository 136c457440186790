import { join } from 'node:path'
import { isServer } from '../subjects/calls.ts'
import { startServer } from '../subjects/start-server.ts'
import { FAR, FAR_DELAY_MS, FEW } from '../works.ts'
import { farSubjects } from './plan.ts'
import { openProxy } from './proxy.ts'
import { type Bench, jobOf, jobSide, type Measurements } from './sides.ts'
import { measureInTurns } from './turns.ts'

/**
 * Measures calls with a slow network between service and database: each round trip takes FAR_DELAY_MS more. Uses few
 * connections, so that calls wait for the network and not for each other.
 */
export async function runFar(bench: Bench, data: string): Promise<Measurements> {
  const { budget, database, options, ready, report } = bench
  const found: Measurements = new Map()
  if (budget.isOver()) return found
  await using proxy = await openProxy(database.port, FAR_DELAY_MS)
  await using stack = new AsyncDisposableStack()
  report('start the servers of far')
  const subjects = farSubjects(options.subjects)
    .filter(isServer)
    .flatMap((name) => ready.get(name) ?? [])
  const started = await Promise.all(
    subjects.map(async ({ server: { name }, ...rest }) => {
      const directory = join(data, 'logs', 'far')
      const server = await startServer({ name, database, directory, databasePort: proxy.port })
      stack.use(server)
      return { ...rest, server }
    }),
  )
  for (const work of FAR) {
    const sides = started.map((one) => {
      const job = { ...jobOf(bench, one, work), connections: Math.min(FEW, options.connections) }
      return jobSide(bench, one.server.name, job)
    })
    found.set(`far-${work}`, await measureInTurns(bench, `far-${work}`, sides))
  }
  return found
}
