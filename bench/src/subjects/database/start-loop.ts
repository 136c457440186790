import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured } from '../../load/job.ts'
import type { Model } from '../../model.ts'
import { pinned } from '../../measure/pinning.ts'
import { cpuOfFamily } from '../../measure/processes.ts'
import type { BenchDatabase } from '../../seed/database.ts'
import type { DatabaseJob } from './pgbench.ts'

export interface LoopJob extends DatabaseJob {
  url: string
  model: Model
}
/** What the loop prints: `{}` where there is no such statement. */
export type LoopResult = Omit<Measured, 'cpuDatabaseUs'> | Record<string, never>

/** Where there is no pgbench: the same statements by postgres.js in a loop, in a process of its own. */
export async function runLoop(database: BenchDatabase, job: DatabaseJob): Promise<Measured | undefined> {
  const loop: LoopJob = { ...job, url: database.url('bench_open'), model: database.model }
  const [program, args] = pinned('generator', [
    process.execPath,
    fileURLToPath(new URL('loop.ts', import.meta.url)),
    JSON.stringify(loop),
  ])
  const before = cpuOfFamily(database.postmasterPid)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (data: Buffer) => (text += data.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`The loop of ${job.work} over the database failed; its reason is above.`)
  const result = JSON.parse(text) as LoopResult
  if (!('calls' in result)) return undefined
  // Of its warming up too, for which there were calls that are not counted.
  const share = job.runMs / (job.runMs + job.warmMs)
  const used = (cpuOfFamily(database.postmasterPid) - before) * share
  return { ...(result as Measured), cpuDatabaseUs: used / Math.max(1, result['calls']) }
}
