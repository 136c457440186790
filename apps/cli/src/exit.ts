/** What the program ends with; `--help` and README.md say the same. */
export const EXIT = {
  ok: 0,
  /** Refused by the service, or something failed. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  notSignedIn: 3,
  notFound: 4,
  conflict: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends the command with words for a person: what it is about, why, and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Ctrl-C at a prompt. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
