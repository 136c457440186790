import { describeError } from '../http/log.ts'

/** Prints a message for the operator on standard error; standard output is for the server's log. */
export const printLine = (line: string): void => void process.stderr.write(`${line}\n`)

/** Prints the error, and exits with 1. */
export function fail(error: unknown): never {
  const known = error instanceof Error && ['ConfigError', 'EmbeddedDatabaseError'].includes(error.name)
  // The message of a known error is enough; a bug needs its stack.
  printLine(known ? error.message : String(error instanceof Error ? error.stack : error))
  process.exit(1)
}

// Node would print the whole error, and errors of the database driver contain SQL and parameters.
process.on('uncaughtException', (error: Error) => {
  const { message, stack } = describeError(error)
  printLine(`The service stops because of an internal error: ${message}\n${stack}`)
  process.exit(1)
})
