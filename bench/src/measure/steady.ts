import type { Measured } from '../load/job.ts'
import { median } from '../report/stats.ts'
import { memoryOf } from './processes.ts'
import { type Bench, jobOf } from './sides.ts'

/** The result at one rate of calls, in an open loop over 100 connections. */
export interface Step {
  /** Calls a second. */
  targetRate: number
  measured: Measured
  /** Why the service did not keep up; undefined if it did. */
  broken?: string
  /** Memory of the service in MiB, in each tenth of the first step. */
  memory?: number[]
}

const CLIENTS = 100
const MAX_P99_MS = 50
const RATE_FACTOR = 1.25
const MAX_STEPS = 24

/** Raises the rate until p99 is above 50 ms, there are fewer responses than calls, or the generator is the limit. */
export async function runSteady(bench: Bench): Promise<Step[]> {
  const ready = bench.ready.get('taskwire')
  if (ready === undefined) return []
  const steps: Step[] = []
  const { steadyMs } = bench.options
  let targetRate = bench.options.rate
  for (let n = 0; n < MAX_STEPS; n++, targetRate = Math.round(targetRate * RATE_FACTOR)) {
    bench.report(`steady: ${targetRate} calls a second`)
    const job = { ...jobOf(bench, ready, 'mixed', targetRate), seed: bench.options.seed + n, connections: CLIENTS }
    // The first step is long, to measure memory over time.
    const runMs = n === 0 ? steadyMs : job.runMs
    const samples: number[] = []
    const sampler = setInterval(() => samples.push(memoryOf(ready.server.pid)), runMs / 200)
    const measured = await bench.generator.run({ ...job, runMs }).finally(() => clearInterval(sampler))
    const memory = Array.from({ length: 10 }, (_, tenth) =>
      median(samples.slice((tenth * samples.length) / 10, ((tenth + 1) * samples.length) / 10)),
    )
    // The number of calls is random: in a short time it may be a few percent lower.
    const fellBehind = measured.rate < targetRate * (1 - 4 / Math.sqrt((targetRate * runMs) / 1000) - 0.02)
    const broken =
      measured.p99 > MAX_P99_MS
        ? `p99 is above ${MAX_P99_MS} ms`
        : fellBehind
          ? 'fewer responses than calls'
          : measured.generatorLoad > 0.95
            ? 'the load generator was the limit'
            : undefined
    steps.push({ targetRate, measured, ...(n === 0 ? { memory } : {}), ...(broken === undefined ? {} : { broken }) })
    if (broken !== undefined) break
  }
  return steps
}
