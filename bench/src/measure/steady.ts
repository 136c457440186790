import type { Measured } from '../load/job.ts'
import { median } from '../report/stats.ts'
import { memoryOf } from './processes.ts'
import { type Bench, jobOf } from './rounds.ts'

/** Calls by the clock from 100 clients, whether the service keeps up or not. */
export interface Step {
  asked: number
  measured: Measured
  /** Undefined while it keeps up. */
  broken?: string
  /** Memory of the service in MiB, in each tenth of the time; of the first step. */
  memory?: number[]
}

const CLIENTS = 100
const MOST_P99_MS = 50
const RISE = 1.25
const MOST_STEPS = 24

/** Raises the rate until the service breaks: a p99 above 50 ms, or fewer answers than calls. */
export async function runSteady(bench: Bench): Promise<Step[]> {
  const ready = bench.ready.get('taskwire')
  if (ready === undefined) return []
  const steps: Step[] = []
  const { steadyMs } = bench.options
  let asked = bench.options.rate
  for (let n = 0; n < MOST_STEPS; n++, asked = Math.round(asked * RISE)) {
    bench.tell(`steady: ${asked} calls a second`)
    const job = { ...jobOf(bench, ready, 'mixed', bench.options.seed + n, asked), connections: CLIENTS }
    // The first step goes on for long, to see what becomes of the memory.
    const runMs = n === 0 ? steadyMs : job.runMs
    const held: number[] = []
    const sampler = setInterval(() => held.push(memoryOf(ready.server.pid)), runMs / 200)
    const measured = await bench.generator.run({ ...job, runMs }).finally(() => clearInterval(sampler))
    const memory = Array.from({ length: 10 }, (_, tenth) =>
      median(held.slice((tenth * held.length) / 10, ((tenth + 1) * held.length) / 10)),
    )
    // Its calls come by chance: a few percent fewer in a short time are none that were lost.
    const late = measured.rate < asked * (1 - 4 / Math.sqrt((asked * runMs) / 1000) - 0.02)
    const broken =
      measured.p99 > MOST_P99_MS
        ? `p99 is above ${MOST_P99_MS} ms`
        : late
          ? 'fewer answers than calls'
          : measured.generatorLoad > 0.95
            ? 'the load generator could not ask more'
            : undefined
    steps.push({ asked, measured, ...(n === 0 ? { memory } : {}), ...(broken === undefined ? {} : { broken }) })
    if (broken !== undefined) break
  }
  return steps
}
