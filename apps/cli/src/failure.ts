import { type Failure, failureOf, isTaskwireError, SignInError } from '@taskwire/client'
import { DEFAULT_URL } from './address.ts'
import type { Context } from './context.ts'
import { CliError, EXIT, type ExitCode, Interrupted } from './exit.ts'
import { shortId } from './ids.ts'

export interface Told {
  message: string
  exitCode: ExitCode
}

type Place = Pick<Context, 'url' | 'program'> & { io: Pick<Context['io'], 'env'> }

/** Words for whatever a command threw. `thing` is what it was about, such as `Task 1a2b3c4d "Buy milk"`. */
export function describe(error: unknown, place: Place, thing = ''): Told {
  if (error instanceof CliError) return error
  if (error instanceof Interrupted) return { message: 'Stopped.', exitCode: EXIT.interrupted }
  if (error instanceof SignInError) return describeSignIn(error, place, thing)
  if (isTaskwireError(error)) return describeFailure(failureOf(error), error, place, thing)
  const broken = brokenConnection(error)
  if (broken !== null) return { message: unreachable(broken, place), exitCode: EXIT.failed }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'path' in error)
    return { message: `${String(error.path)}: ${fileReason(error.code)}`, exitCode: EXIT.failed }
  const words = error instanceof Error ? error.message : String(error)
  return { message: `This program has a fault: ${words}. Please report it, with the command.`, exitCode: EXIT.failed }
}

/** The error as one about `thing`, to be thrown. */
export function about(thing: string, error: unknown, place: Place): CliError {
  const { message, exitCode } = describe(error, place, thing)
  return new CliError(message, exitCode)
}

function describeFailure(failure: Failure, error: unknown, place: Place, thing: string): Told {
  const { program, url } = place
  const of = thing === '' ? '' : `${thing}: `
  const told = (message: string, exitCode: ExitCode = EXIT.failed): Told => ({ message: `${of}${message}`, exitCode })
  switch (failure.appCode) {
    case 'VALIDATION': {
      const fields = failure.fields.map(({ path, message }) => `${path === '' ? 'the input' : path} ${message}`)
      return told(fields.length === 0 ? failure.message : `The service refused it: ${fields.join('; ')}.`)
    }
    case 'UNAUTHENTICATED':
      return { message: notSignedIn(place), exitCode: EXIT.notSignedIn }
    case 'FORBIDDEN':
      return told(
        place.io.env['TASKWIRE_USER']
          ? 'Not allowed: TASKWIRE_USER goes with the key of a service only, and such a key never reads or changes an account. Correct it, or unset it.'
          : `Not allowed with this key: it lacks the scope, or the command needs a sign-in (and the key of a service needs TASKWIRE_USER). Use another key, or: ${program} login you@example.com`,
      )
    case 'USER_UNKNOWN':
      return told(
        `There is no account with the id of TASKWIRE_USER. Correct it: ${program} account shows a user their own.`,
      )
    case 'NOT_FOUND':
      if (failure.fields.some(({ path }) => path === 'space'))
        return told(
          'TASKWIRE_SPACE names no space of yours. Correct it, or unset it for your personal one.',
          EXIT.notFound,
        )
      return told(`There is no such thing (any more). See what there is: ${program} list --all`, EXIT.notFound)
    case 'REVISION_CONFLICT':
      return told(
        'It has been changed meanwhile, so nothing was done. Look at it as it is now, and try again.',
        EXIT.conflict,
      )
    case 'ALREADY_EXISTS':
      return told(failure.message, EXIT.conflict)
    case 'IN_TRASH':
      return told(
        `It is in the trash. Take it out first: ${program} restore ${failure.current === undefined ? '<id>' : shortId(failure.current.id)}`,
        EXIT.conflict,
      )
    case 'NOT_REVERTIBLE':
      return told(failure.message, EXIT.conflict)
    case 'MUTATION_APPLIED':
      return told(`This was done already, at revision ${failure.revision}.`, EXIT.ok)
    case 'RESYNC_REQUIRED':
      return told(`The log does not reach that far back, or not that far on. See what there is: ${program} log`)
    case 'CONTRACT_MISMATCH':
      return told(`${url} speaks another version of Taskwire. Use the program of the same release.`)
    case 'RATE_LIMITED':
      return told(`${failure.message} Nothing is lost: run the command again in a minute.`)
    case 'OVERLOADED':
    case 'UNAVAILABLE':
    case 'TIMEOUT':
    case 'INTERNAL':
      // Where no answer came in time, there is no request that the operator knows.
      if (failure.requestId === '') return noAnswer(error, place)
      return told(
        `${url} cannot do it at the moment: ${firstSentence(failure.message)} Run the command again; if it stays so, tell the operator of request ${failure.requestId}.`,
      )
    case 'MUTATION_ID_REUSED':
    case 'LIMIT_EXCEEDED':
    case 'TOKEN':
      return told(failure.message)
    case 'OTHER':
      return told(`${failure.message} (${failure.code})`, byStatus(failure.httpStatus))
    case 'ABORTED':
      return { message: 'Stopped.', exitCode: EXIT.interrupted }
    case 'NETWORK':
      return noAnswer(error, place)
  }
}

function noAnswer(error: unknown, place: Place): Told {
  const reason = brokenConnection(error) ?? 'what answers there is not Taskwire'
  return { message: unreachable(reason, place), exitCode: EXIT.failed }
}

function byStatus(status: number): ExitCode {
  if (status === 401) return EXIT.notSignedIn
  if (status === 404) return EXIT.notFound
  return status === 409 ? EXIT.conflict : EXIT.failed
}

function firstSentence(text: string): string {
  return /^.*?[.;]/u.exec(text)?.[0].replace(/;$/u, '.') ?? text
}

function notSignedIn({ url, program, io }: Place): string {
  return io.env['TASKWIRE_TOKEN']
    ? `Not signed in at ${url}: the token in TASKWIRE_TOKEN is unknown there, or has ended. Set another, or unset it and sign in: ${program} login you@example.com`
    : `Not signed in at ${url}: the session has ended. Sign in again: ${program} login you@example.com`
}

function describeSignIn(error: SignInError, { url, program }: Place, email: string): Told {
  const { status, message, fields, retryAfterMs } = error
  const told = (words: string, exitCode: ExitCode = EXIT.failed): Told => ({ message: words, exitCode })
  switch (status) {
    case 0:
      return told(unreachable(brokenConnection(error) ?? 'the connection failed', { url, program }))
    case 401:
      return told(
        `Not signed in at ${url}: the password is wrong, or there is no account of ${email}. Try again, or make an account: ${program} sign-up ${email}`,
        EXIT.notSignedIn,
      )
    case 404:
      return told(unreachable('what answers there is not Taskwire', { url, program }))
    case 422:
      return told(
        `No account made at ${url}: ${email} has one already. Sign in with: ${program} login ${email}`,
        EXIT.conflict,
      )
    case 429:
      return told(
        `${url} refuses for now: too many attempts. Try again in ${Math.ceil((retryAfterMs ?? 60_000) / 1000)} s.`,
      )
    default: {
      const wrong = fields.map((field) => `${field.path} ${field.message}`).join('; ')
      return told(
        `${url} refused it: ${(wrong || message).replace(/\.?$/u, '.')}${status >= 500 ? ' Try again later.' : ''}`,
      )
    }
  }
}

function unreachable(reason: string, { url, program }: Pick<Place, 'url' | 'program'>): string {
  const start = url === DEFAULT_URL ? 'Start the service with npm start' : 'See that the service runs there (npm start)'
  return `Cannot reach Taskwire at ${url}: ${reason}. ${start}, or name another address: TASKWIRE_URL, or ${program} --url …`
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ECONNRESET: 'the connection broke off',
  UND_ERR_SOCKET: 'the connection broke off',
  EPROTO: 'it does not speak HTTPS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak HTTPS',
}

/** Why no answer of the service's came; null for an error that is none of a connection's. */
function brokenConnection(error: unknown): string | null {
  let found: string | null = null
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 6; cause = cause.cause, depth++) {
    const code: unknown = Reflect.get(cause, 'code')
    if (typeof code === 'string' && REASONS[code] !== undefined) return REASONS[code]
    if (typeof code === 'string' && /CERT|SIGNATURE|SELF_SIGNED|UNABLE_TO/u.test(code))
      return `its certificate is not trusted (${code})`
    if (cause.name === 'TimeoutError') return 'it did not answer in time'
    if (cause instanceof TypeError && cause.message === 'fetch failed') found = 'the connection failed'
  }
  return found
}

const FILE_REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or directory; check the name',
  EACCES: 'not permitted; see whose it is',
  EPERM: 'not permitted; see whose it is',
  EISDIR: 'is a directory; name a file',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}

/** Throws errors of `work` on a file with its name, which those of writing lack. */
export async function onFile<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && !('path' in error)) Object.assign(error, { path })
    throw error
  }
}

/** Why a file could not be read or written. */
export function fileReason(code: string): string {
  return FILE_REASONS[code] ?? `cannot be used (${code})`
}
