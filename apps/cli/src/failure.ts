import { type Failure, failureOf, isTaskwireError, SignInError, type TaskwireError } from '@taskwire/client'
import { connectionFailure, unreachable } from './connection-error.ts'
import type { Context } from './context.ts'
import { CliError, EXIT, type ExitCode, Interrupted } from './exit.ts'
import { fileReason } from './file-error.ts'
import { shortId } from './ids.ts'

export interface ErrorReport {
  message: string
  exitCode: ExitCode
}

/** What messages name: the service, this program and the environment. */
type Surroundings = Pick<Context, 'url' | 'program'> & { io: Pick<Context['io'], 'env'> }

/** Returns the message and exit code for an error. `subject` is what the call was about: `Task 1a2b3c4d "Buy milk"`. */
export function describeError(error: unknown, around: Surroundings, subject = ''): ErrorReport {
  if (error instanceof CliError) return error
  if (error instanceof Interrupted) return { message: 'Stopped.', exitCode: EXIT.interrupted }
  if (error instanceof SignInError) return describeSignIn(error, around, subject)
  if (isTaskwireError(error)) return describeFailure(failureOf(error), error, around, subject)
  const reason = connectionFailure(error)
  if (reason !== null) return { message: unreachable(reason, around.url), exitCode: EXIT.failed }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'path' in error)
    return { message: `${String(error.path)}: ${fileReason(error.code)}`, exitCode: EXIT.failed }
  const message = error instanceof Error ? error.message : String(error)
  return {
    message: `Internal error: ${message}. Please report it with the command that you ran.`,
    exitCode: EXIT.failed,
  }
}

/** Returns the error to throw for a call about `subject`. `done` lists what the command's earlier calls changed. */
export function toCliError(
  error: unknown,
  around: Surroundings,
  subject: string,
  done: readonly string[] = [],
): CliError {
  if (done.length === 0) {
    const { message, exitCode } = describeError(error, around, subject)
    return new CliError(message, exitCode)
  }
  const { message, exitCode } = describeError(error, around)
  return new CliError(`${subject}: only part of this was done (${done.join(', ')}): ${message}`, exitCode)
}

/** Returns a function for the `catch` of a call about `subject`, which throws the CliError. */
export function throwAbout(around: Surroundings, subject: string, done?: readonly string[]): (error: unknown) => never {
  return (error) => {
    throw toCliError(error, around, subject, done)
  }
}

/** True if the service refused a call with this code. */
export function isRefusal(error: unknown, appCode: TaskwireError['appCode']): boolean {
  return isTaskwireError(error) && error.appCode === appCode
}

/** Returns the result of a call; undefined if the service refuses the call with this code. */
export async function unlessRefused<T>(call: Promise<T>, appCode: TaskwireError['appCode']): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isRefusal(error, appCode)) return undefined
    throw error
  }
}

// oxlint-disable-next-line max-lines-per-function -- one case for each code, which the compiler checks
function describeFailure(failure: Failure, error: unknown, around: Surroundings, subject: string): ErrorReport {
  const { program, url } = around
  const report = (message: string, exitCode: ExitCode = EXIT.failed): ErrorReport => ({
    message: subject === '' ? message : `${subject}: ${message}`,
    exitCode,
  })
  switch (failure.appCode) {
    case 'VALIDATION': {
      const fields = failure.fields.map(({ path, message }) => `${path === '' ? 'the input' : path} ${message}`)
      return report(fields.length === 0 ? failure.message : `The service refused it: ${fields.join('; ')}.`)
    }
    case 'UNAUTHENTICATED':
      return { message: notSignedIn(around), exitCode: EXIT.notSignedIn }
    case 'FORBIDDEN':
      return report(`${failure.message} ${remedyOfForbidden(around.io.env, program)}`)
    case 'USER_UNKNOWN':
      return report(
        `No account has the id in TASKWIRE_USER. A user who is signed in sees the right id with: ${program} account`,
      )
    case 'NOT_FOUND':
      if (failure.fields.some(({ path }) => path === 'space'))
        return report(
          'TASKWIRE_SPACE names no space of yours. Correct it, or unset it to work in your personal space.',
          EXIT.notFound,
        )
      return report(`It does not exist, or no longer exists. See your tasks: ${program} list --all`, EXIT.notFound)
    case 'REVISION_CONFLICT':
      return report(
        'It was changed in the meantime, so nothing was done. Look at it again, then repeat the command.',
        EXIT.conflict,
      )
    case 'IN_TRASH':
      return report(
        `It is in the trash. Restore it first: ${program} restore ${failure.current === undefined ? '<id>' : shortId(failure.current.id)}`,
        EXIT.conflict,
      )
    case 'ALREADY_EXISTS':
    case 'NOT_REVERTIBLE':
      return report(failure.message, EXIT.conflict)
    case 'MUTATION_APPLIED':
      return report(`This was already done, at revision ${failure.revision}.`, EXIT.ok)
    case 'RESYNC_REQUIRED':
      return report(`The log no longer has this revision, or has not reached it yet. See the log: ${program} log`)
    case 'CONTRACT_MISMATCH':
      return report(`${url} runs another version of Taskwire. Use the program of the same release.`)
    case 'RATE_LIMITED':
      return report(`${failure.message} Nothing is lost: run the command again in a minute.`)
    case 'OVERLOADED':
    case 'UNAVAILABLE':
    case 'TIMEOUT':
    case 'INTERNAL':
      // Without a request id, no response came in time, and the operator has nothing to look up.
      if (failure.requestId === '') return noAnswer(error, url)
      return report(
        `${url} cannot do this now: ${firstSentence(failure.message)} Run the command again; if it keeps failing, report request ${failure.requestId} to the operator.`,
      )
    case 'MUTATION_ID_REUSED':
    case 'LIMIT_EXCEEDED':
    case 'TOKEN':
      return report(failure.message)
    case 'OTHER':
      return report(`${failure.message} (${failure.code})`, exitCodeOf(failure.httpStatus))
    case 'ABORTED':
      return { message: 'Stopped.', exitCode: EXIT.interrupted }
    case 'NETWORK':
      return noAnswer(error, url)
  }
}

/** Returns what to do about FORBIDDEN, which depends on the kind of credential. */
export function remedyOfForbidden(env: Surroundings['io']['env'], program: string): string {
  const token = env['TASKWIRE_TOKEN'] ?? ''
  const hasUser = Boolean(env['TASKWIRE_USER'])
  const isServiceKey = token.startsWith('tw_service_')
  if (isServiceKey && !hasUser) return 'Set TASKWIRE_USER to the id of the user to act for.'
  if (hasUser && !isServiceKey) return 'Unset TASKWIRE_USER: it sends X-Taskwire-User.'
  const variables = hasUser ? 'TASKWIRE_TOKEN and TASKWIRE_USER' : 'TASKWIRE_TOKEN'
  return `Unset ${variables} and sign in: ${program} login you@example.com`
}

function noAnswer(error: unknown, url: string): ErrorReport {
  const reason = connectionFailure(error) ?? 'the server there is not Taskwire'
  return { message: unreachable(reason, url), exitCode: EXIT.failed }
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401) return EXIT.notSignedIn
  if (status === 404) return EXIT.notFound
  return status === 409 ? EXIT.conflict : EXIT.failed
}

function firstSentence(text: string): string {
  return /^.*?[.;]/u.exec(text)?.[0].replace(/;$/u, '.') ?? text
}

function notSignedIn({ url, program, io }: Surroundings): string {
  return io.env['TASKWIRE_TOKEN']
    ? `Not signed in at ${url}: the token in TASKWIRE_TOKEN is unknown there, or no longer valid. Set another, or unset it and sign in: ${program} login you@example.com`
    : `Not signed in at ${url}: the session has ended. Sign in again: ${program} login you@example.com`
}

function describeSignIn(error: SignInError, { url, program }: Surroundings, email: string): ErrorReport {
  const { status, message, fields, retryAfterMs } = error
  const report = (text: string, exitCode: ExitCode = EXIT.failed): ErrorReport => ({ message: text, exitCode })
  switch (status) {
    case 0:
      return report(unreachable(connectionFailure(error) ?? 'the connection failed', url))
    case 401:
      return report(
        `Not signed in at ${url}: the password is wrong, or ${email} has no account. Try again, or create the account: ${program} sign-up ${email}`,
        EXIT.notSignedIn,
      )
    case 404:
      return report(unreachable('the server there is not Taskwire', url))
    case 422:
      return report(
        `No account was created at ${url}: ${email} has one already. Sign in: ${program} login ${email}`,
        EXIT.conflict,
      )
    case 429:
      return report(`Too many attempts at ${url}. Try again in ${Math.ceil((retryAfterMs ?? 60_000) / 1000)} s.`)
    default: {
      const reasons = fields.map((field) => `${field.path} ${field.message}`).join('; ')
      return report(
        `${url} refused it: ${(reasons || message).replace(/\.?$/u, '.')}${status >= 500 ? ' Try again later.' : ''}`,
      )
    }
  }
}
