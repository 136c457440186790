import fc from 'fast-check'

/** The seed of random cases, which a failure prints. With another TASKWIRE_SEED, other cases are drawn. */
export const SEED = Number(process.env['TASKWIRE_SEED'])

/** Makes fast-check draw from the seed. Returns the number of cases: TASKWIRE_RUNS, or else `runs`. */
export function drawFromSeed(runs: number): number {
  const numRuns = Number(process.env['TASKWIRE_RUNS'] ?? runs)
  fc.configureGlobal({ seed: SEED, numRuns })
  return numRuns
}
