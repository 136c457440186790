/** Where text goes to: a stream, or a test's own. */
export interface Output {
  write(text: string): unknown
  isTTY?: boolean | undefined
  columns?: number | undefined
}

export type Input = NodeJS.ReadableStream & { isTTY?: boolean | undefined }

/** All that a run of the program touches outside of itself; files and the service aside. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>
  /** Relative names of files start here. */
  cwd: string
  stdin: Input
  out: Output
  err: Output
  now(): Date
  /** What the runtime says of this computer: a name of the IANA database, an offset, or nothing. */
  timeZone: string | undefined
}

/** How this program was called, for the commands that messages and help show. */
export function programName(env: Io['env']): string {
  return env['npm_lifecycle_event'] === 'taskwire' ? 'npm run -s taskwire --' : 'taskwire'
}
