import type { Job, Measured } from '../load/job.ts'
import type { Bench } from './rounds.ts'

/** What is compared with what, by the name that the report gives each. */
export type Sides = readonly (readonly [name: string, job: Job])[]

/** Measures the sides in turns, as often as there are rounds. */
export async function inTurns(bench: Bench, what: string, sides: Sides): Promise<Map<string, Measured[]>> {
  const found = new Map<string, Measured[]>()
  for (let round = 0; round < bench.options.rounds; round++)
    for (const [name, job] of sides) {
      bench.tell(`${what}: round ${round + 1}, ${name}`)
      const measured = await bench.generator.run({ ...job, seed: job.seed + 1000 * round })
      found.set(name, [...(found.get(name) ?? []), measured])
    }
  return found
}
