/** An output stream, or a test's replacement. */
export interface Output {
  write(text: string): unknown
  isTTY?: boolean | undefined
  columns?: number | undefined
}

export type Input = NodeJS.ReadableStream & { isTTY?: boolean | undefined }

/** Everything outside the program that a run uses, except files and the service. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>
  /** The base of relative file names. */
  cwd: string
  stdin: Input
  out: Output
  err: Output
  now(): Date
  /** This computer's time zone as the runtime reports it: an IANA name, an offset, or undefined. */
  timeZone: string | undefined
}

/** Returns how this program was called, for the commands in messages and help. */
export function programName(env: Io['env']): string {
  return env['npm_lifecycle_event'] === 'taskwire' ? 'npm run -s taskwire --' : 'taskwire'
}
