import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { errorCode, messageOf } from './failure.ts'
import { timeLeft } from './wait.ts'
import type { Wait } from './wait.ts'

const run = promisify(execFile)

export interface CommandResult {
  ok: boolean
  stdout: string
  /** What it said when it failed: its stderr, or why it did not run at all. */
  complaint: string
}

/**
 * Runs one program to its end. Resolves for a program that fails or is missing; rejects only when
 * the wait is cancelled, and then too not before the program has ended.
 */
export async function runCommand(argv: readonly string[], wait: Wait): Promise<CommandResult> {
  wait.signal?.throwIfAborted()
  const [program = '', ...args] = argv
  const running = run(program, args, {
    cwd: '/', // the user PostgreSQL runs as may not be allowed into ours
    encoding: 'utf8',
    env: serverEnvironment(),
    timeout: Math.max(1, timeLeft(wait)),
  })
  // Not by the option `signal`, which rejects while the program is still at work.
  const cancel = (): void => void running.child.kill()
  wait.signal?.addEventListener('abort', cancel)
  try {
    const { stdout } = await running
    return { ok: true, stdout, complaint: '' }
  } catch (error) {
    wait.signal?.throwIfAborted()
    return { ok: false, stdout: '', complaint: complaintOf(program, error) }
  } finally {
    wait.signal?.removeEventListener('abort', cancel)
  }
}

function complaintOf(program: string, error: unknown): string {
  if (errorCode(error) === 'ENOENT') return `${program}: no such program`
  if (!(error instanceof Error)) return messageOf(error)
  if ('killed' in error && error.killed === true) return `${program} did not end in time`
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  if (stderr !== '') return stderr
  return 'code' in error ? `ended with ${String(error.code)}` : messageOf(error)
}

/**
 * The environment of PostgreSQL's programs: enough to find programs and libraries. The rest stays
 * out, since PG* variables would change what they do and secrets are none of their business.
 */
export function serverEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C' }
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}
