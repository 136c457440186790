import type { Job, Measured } from '../load/job.ts'
import type { Bench } from './rounds.ts'

/** The sides of a comparison, by their names in the report. */
export type Sides = readonly (readonly [name: string, job: Job])[]

/** Measures the sides in alternation, once per round. */
export async function measureInTurns(bench: Bench, what: string, sides: Sides): Promise<Map<string, Measured[]>> {
  const found = new Map<string, Measured[]>()
  for (let round = 0; round < bench.options.rounds; round++)
    for (const [name, job] of sides) {
      bench.report(`${what}: round ${round + 1}, ${name}`)
      const measured = await bench.generator.run({ ...job, seed: job.seed + 1000 * round })
      found.set(name, [...(found.get(name) ?? []), measured])
    }
  return found
}
