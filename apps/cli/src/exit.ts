/** The exit codes, which --help and README.md list. */
export const EXIT = {
  ok: 0,
  /** The service refused, or something failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  notSignedIn: 3,
  notFound: 4,
  conflict: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An error that ends the command. Its message names the thing, the reason and the remedy. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The error for Ctrl-C at a prompt. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
