import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Generator } from '../load/start-generator.ts'
import type { Options } from '../options.ts'
import type { BenchDatabase } from '../seed/database.ts'
import { isServer, type Server } from '../subjects/calls.ts'
import { startServer } from '../subjects/start-server.ts'
import { FAR, MIX, WORKS } from '../works.ts'
import { createBudget, type Planned, roundsThatFit, subjectsOf } from './plan.ts'
import { preflight, type Trips, walkAll } from './preflight.ts'
import { memoryOf } from './processes.ts'
import type { Bench, Ready } from './sides.ts'

export interface Environment {
  options: Options
  plan: readonly Planned[]
  database: BenchDatabase
  /** Directory of the databases and logs. */
  data: string
  report(line: string): void
  print(line: string): void
}

const SMALL = 100_000

/** Checks every subject at its works, and returns the round trips of their calls. */
export async function checkSubjects({ options, database, data, report }: Environment): Promise<Map<Server, Trips>> {
  const has = (work: Options['works'][number]): boolean => options.works.includes(work)
  const isSmall = options.size.tasks < SMALL
  const trips = new Map<Server, Trips>()
  // One subject after the other: rows that another one wrote at the same time would be reported as wrong.
  for (const name of options.subjects.filter(isServer)) {
    report(`check ${name}`)
    const works = WORKS.filter(
      (work) =>
        // With little data, calls that this run does not measure are checked too.
        (has(work) && (isSmall || subjectsOf(work, options).includes(name))) ||
        (has('mixed') && MIX.some(([part]) => part === work)) ||
        (has('far') && FAR.some((part) => part === work)),
    )
    trips.set(name, await preflight(name, works, database, join(data, 'logs'), report))
  }
  return trips
}

/** Starts every subject; `stack` stops them. */
export async function startSubjects(
  { options, database, data, report }: Environment,
  trips: ReadonlyMap<Server, Trips>,
  stack: AsyncDisposableStack,
): Promise<Map<Server, Ready>> {
  const servers = options.subjects.filter(isServer)
  report(`start ${servers.join(', ')}`)
  const starting = servers.map(async (name) => await startServer({ name, database, directory: join(data, 'logs') }))
  // Also stops servers that are ready only after another has failed to start.
  for (const server of starting)
    stack.defer(async () => await (await server.catch(() => undefined))?.[Symbol.asyncDispose]())
  const started = await Promise.all(starting)
  await pause(500)
  const entries = started.map(async (server): Promise<[Server, Ready]> => {
    const { name, pid, port } = server
    const restMib = memoryOf(pid)
    const hasPages = options.works.includes('page') && subjectsOf('page', options).includes(name)
    const cursors = hasPages ? await walkAll(name, port, database) : []
    return [name, { server, cursors, trips: trips.get(name) ?? {}, memory: { restMib, loadMib: restMib } }]
  })
  return new Map(await Promise.all(entries))
}

/** Reduces the number of rounds to those that are likely to fit into the time that is left. */
export function createBench(
  { options: requested, plan, database, report, print }: Environment,
  generator: Generator,
  ready: ReadonlyMap<Server, Ready>,
): Bench {
  const rounds = roundsThatFit(plan, requested, requested.endMs - performance.now())
  if (rounds < requested.rounds) print(`Only ${rounds} of ${requested.rounds} rounds fit into the time that is left.`)
  const options = { ...requested, rounds }
  const budget = createBudget(plan, options, options.endMs, () => performance.now())
  return { options, database, generator, ready, budget, conditions: new Map(), report }
}
