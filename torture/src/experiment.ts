/** Tests run the short form; the long form is started by hand. */
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
  /** Each way in which the promise was broken; empty if it holds. */
  violations: string[]
  /** Why this machine cannot run the experiment. If set, the result shows nothing. */
  impossible?: string
}

/** What a module of `experiments/` exports. The experiment has the name of its file. */
export interface Experiment {
  run(options: Options): Promise<Result>
  /** The promise that is tested, in one line. */
  promise?: string
  /** What the negative control breaks, in one line. */
  negativeControl?: string
}

/** Thrown if this machine cannot run the experiment. The message says what is missing. */
export class Impossible extends Error {
  override name = 'Impossible'
}

/** Adds the reason to the violations unless the condition holds. */
export function expectThat(violations: string[], holds: boolean, reason: string): void {
  if (!holds) violations.push(reason)
}
