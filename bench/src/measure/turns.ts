import type { Measured } from '../load/job.ts'
import type { Bench } from './sides.ts'
import { readCpuTimes, stealShare } from './processes.ts'
import type { Warmed } from './warm-up.ts'

/** One side of a comparison: a subject, or a variant of one. */
export interface Side {
  /** In the report. */
  name: string
  /** Undefined if the side needs no warm-up. */
  warm?(limitMs: number): Promise<Warmed>
  /** Measures once. Undefined if the side has no such work. */
  run(seed: number): Promise<Measured | undefined>
}

/** The conditions under which a work was measured. */
export interface Conditions {
  rounds: number
  warmed: Map<string, Warmed>
  /** The share of the CPU time that the host gave to other machines. */
  steal: number
}

/**
 * Warms each side until its rate is steady, then measures the sides in alternation, once per round, so that other
 * load on the machine affects all sides equally. Returns every round of each side; nothing if no time is left.
 */
export async function measureInTurns(
  bench: Bench,
  work: string,
  sides: readonly Side[],
): Promise<Map<string, Measured[]>> {
  const { options, budget, report } = bench
  const found = new Map<string, Measured[]>()
  if (sides.length === 0) return found
  if (!budget.begin(work, sides.length)) {
    report(`no time is left for ${work}`)
    return found
  }
  const before = readCpuTimes()
  const warmed = new Map<string, Warmed>()
  for (const [n, { name, warm }] of options.warmLimitMs > 0 ? sides.entries() : []) {
    if (warm === undefined) continue
    report(`${work}: warm ${name}`)
    warmed.set(name, await warm(budget.warmLimitMs(sides.length - n)))
  }
  let rounds = 0
  while (rounds < options.rounds && (rounds === 0 || budget.hasTimeForRound())) {
    for (const { name, run } of sides) {
      report(`${work}: round ${rounds + 1}, ${name}`)
      const measured = await run(options.seed + 1000 * rounds)
      if (measured !== undefined) found.set(name, [...(found.get(name) ?? []), measured])
    }
    rounds++
  }
  bench.conditions.set(work, { rounds, warmed, steal: stealShare(before, readCpuTimes()) })
  return found
}
