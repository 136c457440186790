import type { Job, Measured } from '../load/job.ts'
import { pageStep } from '../load/call-specs.ts'
import type { Generator } from '../load/start-generator.ts'
import type { Options } from '../options.ts'
import type { BenchDatabase } from '../seed/database.ts'
import type { Server } from '../subjects/calls.ts'
import { hasPgbench, runPgbench } from '../subjects/database/pgbench.ts'
import { runLoop } from '../subjects/database/start-loop.ts'
import { POOL, type RunningServer } from '../subjects/start-server.ts'
import { FEW, HEAVY, VARIED_LIST, type Work } from '../works.ts'
import { memoryOf } from './processes.ts'
import { type Budget, subjectsOf } from './plan.ts'
import type { Trips } from './preflight.ts'
import type { Conditions, Side } from './turns.ts'

/** A subject that is ready to be measured. */
export interface Ready {
  server: RunningServer
  cursors: readonly string[]
  trips: Trips
  memory: { restMib: number; loadMib: number }
}

export interface Bench {
  options: Options
  database: BenchDatabase
  generator: Generator
  ready: ReadonlyMap<Server, Ready>
  budget: Budget
  /** Filled by measureInTurns(). */
  conditions: Map<string, Conditions>
  /** Reports the start of each measurement. */
  report(line: string): void
}

/** Every round of each side, by work. */
export type Measurements = Map<string, Map<string, Measured[]>>

const WARM_SEED = 500_000

/** A side that sends the calls of a job. */
export function jobSide({ generator }: Bench, name: string, job: Job): Side {
  return {
    name,
    warm: async (limitMs) => await generator.warm({ ...job, seed: job.seed + WARM_SEED }, limitMs),
    run: async (seed) => await generator.run({ ...job, seed }),
  }
}

/** Returns the subjects that have this work, as sides. `varied` also has the plain list of the same users. */
export function sidesOf(bench: Bench, work: Work): Side[] {
  const plain = work === 'varied' ? sidesOf(bench, 'varied-list') : []
  const sides = subjectsOf(work, bench.options).flatMap((subject) => {
    if (subject === 'database') return databaseSide(bench, work)
    const ready = bench.ready.get(subject)
    const isPart = work === 'mixed' || work === 'varied-list'
    if (ready === undefined || (!isPart && ready.trips[work] === undefined)) return []
    const name = work === 'varied-list' ? VARIED_LIST : subject
    return withMemory(jobSide(bench, name, jobOf(bench, ready, work)), ready)
  })
  return [...sides, ...plain]
}

/** pgbench has no code to warm: it prepares its statements in the time before the measurement. */
function databaseSide({ database, options: { warmMs, runMs } }: Bench, work: Work): Side {
  const connections = HEAVY.includes(work) ? FEW : POOL
  const run = hasPgbench ? runPgbench : runLoop
  return { name: 'database', run: async (seed) => await run(database, { work, seed, warmMs, runMs, connections }) }
}

/** Returns the side such that its runs also sample the memory of the server. */
function withMemory(side: Side, { server, memory }: Ready): Side {
  return {
    ...side,
    async run(seed) {
      const sampler = setInterval(() => {
        memory.loadMib = Math.max(memory.loadMib, memoryOf(server.pid))
      }, 250)
      try {
        return await side.run(seed)
      } finally {
        clearInterval(sampler)
      }
    },
  }
}

/** The job for the generator; `rate` makes it an open loop. */
export function jobOf(bench: Bench, { server, cursors }: Ready, work: Work, rate?: number): Job {
  const { database, options } = bench
  const { warmMs, runMs } = options
  return {
    subject: server.name,
    work,
    port: server.port,
    model: database.model,
    seed: options.seed,
    connections: HEAVY.includes(work) ? Math.min(FEW, options.connections) : options.connections,
    warmMs,
    runMs,
    cursors,
    cursorStep: pageStep(database.model),
    ...(rate === undefined ? {} : { rate }),
    serverPid: server.pid,
    postmasterPid: database.postmasterPid,
  }
}
