import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured } from '../../load/job.ts'
import type { Model } from '../../model.ts'
import { pinned } from '../../measure/pinning.ts'
import { cpuOfTree } from '../../measure/processes.ts'
import type { BenchDatabase } from '../../seed/database.ts'
import type { DatabaseJob } from './pgbench.ts'

export interface LoopJob extends DatabaseJob {
  url: string
  model: Model
}
/** The output of the loop: `{}` if there is no such statement. */
export type LoopResult = Omit<Measured, 'cpuDatabaseUs'> | Record<string, never>

/** Runs the statements with postgres.js in a process of its own, for machines without pgbench. */
export async function runLoop(database: BenchDatabase, job: DatabaseJob): Promise<Measured | undefined> {
  const loop: LoopJob = { ...job, url: database.url('bench_open'), model: database.model }
  const [program, args] = pinned('generator', [
    process.execPath,
    fileURLToPath(new URL('loop.ts', import.meta.url)),
    JSON.stringify(loop),
  ])
  const before = cpuOfTree(database.postmasterPid)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (data: Buffer) => (text += data.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`The loop of ${job.work} on the database failed; see its error above.`)
  const result = JSON.parse(text) as LoopResult
  if (!('calls' in result)) return undefined
  // Without the share of the warm-up, whose calls are not counted.
  const share = job.runMs / (job.runMs + job.warmMs)
  const used = (cpuOfTree(database.postmasterPid) - before) * share
  return { ...(result as Measured), cpuDatabaseUs: used / Math.max(1, result['calls']) }
}
