import type { Job, Measured } from '../load/job.ts'
import { pageStep } from '../load/call-specs.ts'
import type { Generator } from '../load/start-generator.ts'
import type { Options } from '../options.ts'
import type { BenchDatabase } from '../seed/database.ts'
import type { Server, Subject } from '../subjects/calls.ts'
import { hasPgbench, runPgbench } from '../subjects/database/pgbench.ts'
import { runLoop } from '../subjects/database/start-loop.ts'
import { POOL, type RunningServer } from '../subjects/start-server.ts'
import { FEW, HEAVY, type Work } from '../works.ts'
import { memoryOf } from './processes.ts'
import type { Trips } from './preflight.ts'

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
  /** Reports the start of each measurement. */
  report(line: string): void
}

/** Every round of each subject. */
export type Results = Map<Subject, Measured[]>
/** Every round of each side, by what was measured. */
export type Measurements = Map<string, Map<string, Measured[]>>

/** Measures each work once by each subject, in alternation, so that other load on the machine affects all alike. */
export async function runRound(
  bench: Bench,
  works: readonly Work[],
  round: number,
  found: Map<string, Results>,
): Promise<void> {
  for (const work of works) {
    const results = found.get(work) ?? new Map<Subject, Measured[]>()
    found.set(work, results)
    for (const subject of bench.options.subjects) {
      bench.report(`round ${round + 1}, ${work}: ${subject}`)
      const measured = await measure(bench, subject, work, bench.options.seed + 1000 * round)
      if (measured !== undefined) results.set(subject, [...(results.get(subject) ?? []), measured])
    }
  }
}

/** Runs the rounds, and returns their number. Starts no round, except the first, that would end after `endMs`. */
export async function runRounds(bench: Bench, works: readonly Work[], found: Map<string, Results>): Promise<number> {
  const { rounds, endMs } = bench.options
  let tookMs = 0
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    if (began + tookMs > endMs) return round
    await runRound(bench, works, round, found)
    tookMs = performance.now() - began
  }
  return rounds
}

async function measure(bench: Bench, subject: Subject, work: Work, seed: number): Promise<Measured | undefined> {
  const { warmMs, runMs } = bench.options
  if (subject === 'database') {
    const connections = HEAVY.includes(work) ? FEW : POOL
    return await (hasPgbench ? runPgbench : runLoop)(bench.database, { work, seed, warmMs, runMs, connections })
  }
  const ready = bench.ready.get(subject)
  if (ready === undefined || (work !== 'mixed' && ready.trips[work] === undefined)) return undefined
  const sampler = setInterval(() => {
    ready.memory.loadMib = Math.max(ready.memory.loadMib, memoryOf(ready.server.pid))
  }, 250)
  try {
    return await bench.generator.run(jobOf(bench, ready, work, seed))
  } finally {
    clearInterval(sampler)
  }
}

/** The job for the generator; `rate` makes it an open loop. */
export function jobOf(bench: Bench, { server, cursors }: Ready, work: Work, seed: number, rate?: number): Job {
  const { database, options } = bench
  const { warmMs, runMs } = options
  return {
    subject: server.name,
    work,
    port: server.port,
    model: database.model,
    seed,
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
