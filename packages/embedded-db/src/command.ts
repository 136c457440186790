import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { errorCode, messageOf } from './failure.ts'
import { timeLeft, type Wait } from './wait.ts'

const run = promisify(execFile)

export interface CommandResult {
  ok: boolean
  stdout: string
  /** The program's stderr if it failed, or the reason why it did not run; empty if `ok`. */
  error: string
}

/**
 * Runs a program to its end. Resolves even if it fails or is missing.
 */
export async function runCommand(argv: readonly string[], wait: Wait): Promise<CommandResult> {
  const [program = '', ...args] = argv
  try {
    const { stdout } = await run(program, args, {
      cwd: '/', // The user that PostgreSQL runs as may have no access to our working directory.
      encoding: 'utf8',
      env: serverEnvironment(),
      timeout: Math.max(1, timeLeft(wait)),
    })
    return { ok: true, stdout, error: '' }
  } catch (error) {
    return { ok: false, stdout: '', error: describeError(program, error) }
  }
}

function describeError(program: string, error: unknown): string {
  if (errorCode(error) === 'ENOENT') return `${program}: program not found`
  if (!(error instanceof Error)) return messageOf(error)
  if ('killed' in error && error.killed === true) return `${program} did not end in time`
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  if (stderr !== '') return stderr
  return 'code' in error ? `exit code ${String(error.code)}` : messageOf(error)
}

/**
 * Returns the environment of PostgreSQL's programs: only the variables that they need to find programs and libraries.
 * PG* variables would change their behaviour, and secrets must not reach them.
 */
export function serverEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C' }
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}
