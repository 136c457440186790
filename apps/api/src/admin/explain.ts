import { randomBytes } from 'node:crypto'
import { type Address, connectOnce, type ExplainedStatement, openExplainingSession } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { reasonOf } from '../database/connection-errors.ts'
import { AppError } from '../errors.ts'
import { type CallableProcedure, createCallables } from '../procedures/router.ts'
import { requireBounds } from '../trpc/json-bounds.ts'
import { explanationText } from './explanation-text.ts'
import { callOffline } from './offline-call.ts'

export interface ExplainAddresses {
  app: Address
  owner: Address
  /** A superuser's login, needed to show the statements inside a mutation's function; null if none is known. */
  superuser: Address | null
}

export interface ExplainedCall {
  path: string
  /** JSON text. */
  input: string
  email: string
}

/**
 * Runs a call as the service does: for the user, with the service's login. Rolls back each statement. Returns the
 * statements, their plans and the outcome as text. Throws a ConfigError if the call sends no statement.
 */
export async function explainCall(addresses: ExplainAddresses, { path, input, email }: ExplainedCall): Promise<string> {
  const call = findCall(path)
  const parsedInput = parseJson(input)
  const explained: ExplainedStatement[] = []
  await using user = await addSession(addresses.owner, email)
  await using database = openExplainingSession({
    app: addresses.app,
    superuser: addresses.superuser,
    onExplained: (statement) => void explained.push(statement),
  })
  const caller = { credential: user.credential, actingAs: null, spaceId: null }
  let outcome = 'OK'
  try {
    await callOffline(call, parsedInput, { caller, session: database, name: 'explain' })
  } catch (error) {
    if (explained.length === 0) throw failureOf(path, error)
    outcome = describe(error)
  }
  return explanationText({ path, email, login: addresses.app.user, explained, outcome })
}

function findCall(path: string): CallableProcedure {
  const calls = createCallables()
  const call = calls.get(path)
  if (call === undefined) {
    const [namespace, verb] = path.split('.')
    const close = [...calls.keys()].filter((name) => name.split('.')[0] === namespace || name.split('.')[1] === verb)
    const names = close.length > 0 ? close : [...calls.keys()]
    throw new ConfigError(`There is no procedure ${path}. Did you mean one of these? ${names.join(', ')}`)
  }
  if (call.kind === 'subscription')
    throw new ConfigError(`${path} is a stream. It reads pages by the statement of changes.list: explain changes.list.`)
  if (call.access === 'public') throw new ConfigError(`${path} sends no statement to the database.`)
  return call
}

function parseJson(text: string): unknown {
  try {
    requireBounds(text)
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof AppError) throw new ConfigError(error.message)
    throw new ConfigError(
      `The input is not JSON: ${error instanceof Error ? error.message : ''}. Quote it for the shell: '{"limit": 10}'`,
    )
  }
}

/**
 * Adds a session of a few minutes to the user's account; disposing of the result deletes the session. No token has the
 * session's hash, which is random, so nobody else can use the session.
 */
async function addSession(owner: Address, email: string): Promise<AsyncDisposable & { credential: Uint8Array }> {
  const credential = randomBytes(32)
  await using acquired = new AsyncDisposableStack()
  const { sql } = acquired.use(await connectOnce({ address: owner, applicationName: 'taskwire-admin' }))
  const added = await sql`
    insert into auth.sessions (user_id, token_hash, expires_at)
    select id, ${credential}, now() + interval '5 minutes' from auth.users
    where (email = ${email.trim().toLowerCase()} and external_id is null) or external_id = ${email}
    order by external_id nulls first limit 1
    returning id`
  if (added.length === 0) throw new ConfigError(`There is no account with the e-mail address or external id ${email}.`)
  acquired.defer(async () => {
    await sql`delete from auth.sessions where token_hash = ${credential}`
  })
  const kept = acquired.move()
  return { credential, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Describes an AppError, with its fields and the database's reason. */
function describe(error: unknown): string {
  if (!(error instanceof AppError)) return String(error)
  const { appCode, message, details } = error
  const lines = (details.fields ?? []).map(({ path, message: problem }) => `  ${path}: ${problem}`)
  // The cause is a DatabaseError, whose own cause is PostgreSQL's error.
  const reason = reasonOf(error.cause instanceof Error ? (error.cause.cause ?? error.cause) : undefined)
  // The message of INTERNAL tells an operator nothing.
  return [
    appCode === 'INTERNAL' ? appCode : `${appCode}: ${message}`,
    ...lines,
    ...(reason === '' ? [] : [`  ${reason}`]),
  ].join('\n')
}

function failureOf(path: string, error: unknown): Error {
  if (!(error instanceof AppError)) return error instanceof Error ? error : new Error(String(error))
  const isRefused = error.appCode === 'VALIDATION'
  return new ConfigError(`${path} ${isRefused ? 'refuses this input' : 'could not be explained'}. ${describe(error)}`)
}
