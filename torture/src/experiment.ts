/** Short in the tests, long by hand. */
export type Size = 'short' | 'long'

export interface Options {
  /** What the experiment draws all its chance from. */
  seed: number
  size: Size
  /** Runs the deliberately broken variant, which must go red. */
  saboteur?: boolean
  /** A line of what goes on. */
  say(line: string): void
}

export interface Result {
  /** What was seen, calls as ok, failed and unknown among it. */
  figures: Record<string, number | string>
  /** Why the promise does not hold; empty where it does. */
  red: string[]
  /** Why this machine does not allow the experiment: then nothing has been shown. */
  impossible?: string
}

/** What a module of `experiments/` exports; its name is that of the file. */
export interface Experiment {
  run(options: Options): Promise<Result>
  /** What it holds the service to, and what its saboteur does, in a line each. */
  promise?: string
  sabotage?: string
}

/** Thrown where this machine does not allow the experiment; the message says what it lacks. */
export class Impossible extends Error {
  override name = 'Impossible'
}

/** Puts a reason into a result where the condition does not hold. */
export function expectThat(red: string[], holds: boolean, reason: string): void {
  if (!holds) red.push(reason)
}
