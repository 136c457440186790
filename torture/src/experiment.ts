/** Short in the tests, long by hand. */
export type Size = 'short' | 'long'

export interface Options {
  /** The seed of everything that the experiment draws at random. */
  seed: number
  size: Size
  /** Runs the negative control: a variant that is broken on purpose, which must fail. */
  isNegativeControl?: boolean
  /** Prints a line of progress. */
  print(line: string): void
}

export interface Result {
  /** What was measured, including the calls that were ok, failed and unknown. */
  metrics: Record<string, number | string>
  /** How the promise was broken; empty where it holds. */
  violations: string[]
  /** Why this machine cannot run the experiment: then nothing has been shown. */
  impossible?: string
}

/** What a module of `experiments/` exports. The file's name is the experiment's. */
export interface Experiment {
  run(options: Options): Promise<Result>
  /** The promise that is tested, in one line. */
  promise?: string
  /** What the negative control breaks, in one line. */
  negativeControl?: string
}

/** Thrown where this machine cannot run the experiment. The message says what it lacks. */
export class Impossible extends Error {
  override name = 'Impossible'
}

/** Adds the reason to the violations unless the condition holds. */
export function expectThat(violations: string[], holds: boolean, reason: string): void {
  if (!holds) violations.push(reason)
}
