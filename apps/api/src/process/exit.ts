import { describeError } from '../http/log.ts'

/** To whoever has started it: on standard error, since standard output is the log's. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Ends the process with 1, and says why. */
export function fail(error: unknown): never {
  const known = error instanceof Error && ['ConfigError', 'EmbeddedDatabaseError'].includes(error.name)
  // A setting that is wrong needs words; a fault of ours its stack.
  say(known ? error.message : String(error instanceof Error ? error.stack : error))
  process.exit(1)
}

// A driver's error holds SQL and parameters, which Node would print: of these only the kind is told.
process.on('uncaughtException', (error: Error) => {
  const { message, stack } = describeError(error)
  say(`The service has to stop, by a fault of its own: ${message}\n${stack}`)
  process.exit(1)
})
