import { channel } from 'node:diagnostics_channel'
import type { Authenticated, Caller, MutationIdentity } from './caller.ts'
import { confirmedCredential } from './credentials.ts'
import { v7 as uuidv7 } from 'uuid'
import { DatabaseError } from './errors.ts'
import { createPool, type Pool, type PoolOptions } from './connection/pool.ts'
import type { Row } from './connection/outcome.ts'
import type { QueryCall } from './query.ts'
import { prepare, sql, type Statement } from './statement.ts'
import { type Answer, type MutationCall, toAnswer } from './mutation.ts'
import type { PooledConnection } from './connection/pooled-connection.ts'
import { runStatement } from './connection/run-statement.ts'
import { createShortReads } from './connection/short-reads.ts'

export interface ReadResult {
  caller: Authenticated
  rows: Row[]
  /** Milliseconds from getting a connection to the answer. */
  ms: number
}

/**
 * The only access to the rows of spaces and accounts. Each call is one statement, in a transaction of its own: a
 * mutation calls a function, a read is a query; both authenticate first. Authentication raises for an unknown caller,
 * so that no statement runs without a caller.
 */
export interface CallerSession {
  /** Runs a query as the caller, whose credential needs the scope `need`. The signal cancels the query. */
  read(caller: Caller, need: string, query: QueryCall, signal?: AbortSignal): Promise<ReadResult>
  /**
   * Calls a mutation's function, in one statement and one transaction. With the same mutation id it takes effect once.
   * Only the deadline ends the call early.
   */
  mutate(caller: Caller, mutation: MutationIdentity, requestId: string, call: MutationCall): Promise<Answer>
}

/** Runs single statements on a pool, each with a deadline. Used directly for sign-in, which has a login of its own. */
export interface Statements extends AsyncDisposable {
  /** Runs a statement as the login, without a caller: health checks, definer functions, tables of sign-in. */
  query(statement: Statement): Promise<Row[]>
  readonly pool: Pool
  end(): Promise<void>
}

export interface Database extends CallerSession, Statements {}

export interface DatabaseOptions extends PoolOptions {
  /** Milliseconds for one call, including the wait for a connection. The default, 4500, exceeds statement_timeout. */
  deadlineMs?: number
}

const DEADLINE_MS = 4500

/** The diagnostics channel on which each query is published, as a `SentQuery`. */
export const SENT_QUERIES = 'taskwire:query'
export interface SentQuery {
  name: string
  text: string
}
const sentQueries = channel(SENT_QUERIES)

/** Opens a pool for single statements. Returns at once; connections are opened in the background. */
export function openStatements(options: DatabaseOptions): Statements {
  const { deadlineMs = DEADLINE_MS } = options
  const pool = createPool(options)
  return {
    query: async (statement) =>
      await pool.use(deadlineMs, async (connection) => (await runStatement(connection, statement)).rows),
    pool,
    end: () => pool.end(),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** The rows of a statement, and milliseconds from getting a connection to the answer. */
export interface TimedRows {
  rows: Row[]
  ms: number
}

const addUser = prepare<'id' | 'external' | 'issuer' | 'name' | 'email' | 'zone'>(
  (p) =>
    sql`select tw.add_user(${p('id')}::uuid, ${p('external')}, ${p('issuer')}::bytea, ${p('name')}, ${p('email')}, ${p('zone')})`,
)

/** Creates a caller session whose statements are sent by `run`. */
export function createCallerSession(
  run: (statement: Statement, isShort: boolean, signal?: AbortSignal) => Promise<TimedRows>,
): CallerSession {
  /** Runs a call. If its vouched user has no account yet, creates the account and runs the call again. */
  async function withAccount(caller: Caller, call: (caller: Caller) => Promise<TimedRows>): Promise<TimedRows> {
    const { vouched, credential } = caller
    try {
      return await call(caller)
    } catch (error) {
      if (vouched === undefined || !(error instanceof DatabaseError) || error.fault !== 'identity_unknown') throw error
      const { externalId: external, issuer, name, email, timeZone: zone } = vouched
      await run(addUser.with({ id: uuidv7(), external, issuer, name, email, zone }), false)
      return await call({ ...caller, credential: confirmedCredential(credential) })
    }
  }

  return {
    async read(caller, need, query, signal) {
      const { rows, ms } = await withAccount(caller, async (as) => {
        const statement = query.statement(as, need)
        if (sentQueries.hasSubscribers)
          sentQueries.publish({ name: query.name, text: statement.text } satisfies SentQuery)
        return await run(statement, query.isShort, signal)
      })
      return { caller: toAuthenticated(rows[0]), rows: rows.filter(isResultRow).map(withoutCaller), ms }
    },
    async mutate(caller, mutation, requestId, call) {
      const { rows, ms } = await withAccount(
        caller,
        async (as) => await run(call.statement(as, mutation, requestId), false),
      )
      return toAnswer(rows[0], ms)
    },
  }
}

/** Opens the pool for caller sessions. Returns at once; connections are opened in the background. */
export function openDatabase(options: DatabaseOptions): Database {
  const { deadlineMs = DEADLINE_MS } = options
  const statements = openStatements(options)
  async function runTimed(connection: PooledConnection, statement: Statement): Promise<TimedRows> {
    const began = performance.now()
    const { rows } = await runStatement(connection, statement)
    return { rows, ms: performance.now() - began }
  }
  const { max, address } = options
  const { pool } = statements
  const runShort = createShortReads({ pool, run: runTimed, lines: Math.ceil(max / 5), deadlineMs })
  const session = createCallerSession(async (statement, isShort, signal) =>
    // Not through a pooler, which could run the reads of one line on several connections to the server.
    isShort && !address.pooled
      ? await runShort(statement)
      : await pool.use(deadlineMs, async (connection) => await runTimed(connection, statement), signal),
  )
  return { ...statements, ...session }
}

const isResultRow = (row: Row): boolean => row['is_row'] === true
const withoutCaller = ({ caller_id: _id, caller_space: _space, caller_until: _until, is_row: _is, ...row }: Row): Row =>
  row

function toAuthenticated(row: Row | undefined): Authenticated {
  const { caller_id: userId, caller_space: spaceId, caller_until: expiresAt } = row ?? {}
  if (typeof userId !== 'string' || typeof spaceId !== 'string')
    throw new DatabaseError('internal', 'tw.authenticate() returned no caller')
  return { userId, spaceId, expiresAt: typeof expiresAt === 'string' ? expiresAt : null }
}
