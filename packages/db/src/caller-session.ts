import { channel } from 'node:diagnostics_channel'
import { DatabaseError } from './errors.ts'
import { createPool, type Pool, type PoolOptions } from './connection/pool.ts'
import type { Row, PooledConnection } from './connection/pooled-connection.ts'
import type { QueryCall } from './query.ts'
import type { Statement } from './statement.ts'
import { type Answer, type MutationCall, toAnswer } from './mutation.ts'
import { runStatement } from './connection/run-statement.ts'

/** Who calls, by credential: the database settles who that is. */
export interface Caller {
  /** sha256 of the session's token or of the key's secret. */
  credential: Uint8Array
  /** The user that a service's key acts for. */
  actingAs: string | null
  /** The space that the call acts in; null for the caller's personal one. */
  spaceId: string | null
}

/** What the database found of the caller. */
export interface Authenticated {
  userId: string
  spaceId: string
  /** When the session ends; null for a key. */
  expiresAt: string | null
}

export interface ReadResult {
  caller: Authenticated
  rows: Row[]
  /** Milliseconds from when it had a connection to the answer. */
  ms: number
}

/** A mutation's own id and the hash of what it was asked. */
export interface MutationRecord {
  id: string | null
  payload: Uint8Array
}

/**
 * The one way to the rows of spaces and accounts. Each call is one statement, which is a transaction by itself: a
 * mutation calls a function, a read authenticates first. Where nobody is found that raises, so that nothing runs on as
 * whoever was set before.
 */
export interface CallerSession {
  /** Reads as the caller, whose credential needs the scope, until the signal aborts. */
  read(caller: Caller, need: string, query: QueryCall, signal?: AbortSignal): Promise<ReadResult>
  /**
   * Calls a mutation's function, once for each mutation id: one statement, and one transaction. Nothing cuts it off
   * but its deadline.
   */
  mutate(caller: Caller, mutation: MutationRecord, requestId: string, call: MutationCall): Promise<Answer>
}

/** Single statements on a pool, each within a deadline: those of the sign-in, which has a login of its own. */
export interface Statements extends AsyncDisposable {
  /** Runs it as the login itself, which is nobody's: health, definer functions, the sign-in's tables. */
  query(statement: Statement): Promise<Row[]>
  readonly pool: Pool
  end(): Promise<void>
}

export interface Database extends CallerSession, Statements {}

export interface DatabaseOptions extends PoolOptions {
  /** Milliseconds for one call, waiting for a connection included; 4500 unless told: above the role's statement_timeout. */
  deadlineMs?: number
}

const DEADLINE_MS = 4500

/** A query that is sent, for whoever listens: a `SentQuery`. */
export const SENT_QUERIES = 'taskwire:query'
export interface SentQuery {
  name: string
  text: string
}
const sentQueries = channel(SENT_QUERIES)

/** Opens a pool for single statements; it connects in the background. */
export function openStatements(options: DatabaseOptions): Statements {
  const { deadlineMs = DEADLINE_MS } = options
  const pool = createPool(options)
  return {
    query: async (statement) => await pool.use(deadlineMs, async (slot) => (await runStatement(slot, statement)).rows),
    pool,
    end: () => pool.end(),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** Opens the database for callers; it connects in the background. */
export function openDatabase(options: DatabaseOptions): Database {
  const { deadlineMs = DEADLINE_MS } = options
  const statements = openStatements(options)
  const { pool } = statements

  return {
    ...statements,
    async read(caller, need, query, signal) {
      const asked = query.statement(caller, need)
      if (sentQueries.hasSubscribers) sentQueries.publish({ name: query.name, text: asked.text } satisfies SentQuery)
      const { result, ms } = await pool.use(
        deadlineMs,
        timed(async (slot) => await runStatement(slot, asked)),
        signal,
      )
      return { caller: toAuthenticated(result.rows[0]), rows: result.rows.filter(isAsked).map(withoutCaller), ms }
    },
    async mutate(caller, mutation, requestId, call) {
      const asked = call.statement(caller, mutation, requestId)
      const { result, ms } = await pool.use(
        deadlineMs,
        timed(async (slot) => await runStatement(slot, asked)),
      )
      return toAnswer(result.rows[0], ms)
    },
  }
}

function timed<T>(
  work: (slot: PooledConnection) => Promise<T>,
): (slot: PooledConnection) => Promise<{ result: T; ms: number }> {
  return async (slot) => {
    const began = performance.now()
    const result = await work(slot)
    return { result, ms: performance.now() - began }
  }
}

const isAsked = (row: Row): boolean => row['is_row'] === true
const withoutCaller = ({ caller_id: _id, caller_space: _space, caller_until: _until, is_row: _is, ...row }: Row): Row =>
  row

function toAuthenticated(row: Row | undefined): Authenticated {
  const { caller_id: userId, caller_space: spaceId, caller_until: expiresAt } = row ?? {}
  if (typeof userId !== 'string' || typeof spaceId !== 'string')
    throw new DatabaseError('internal', 'tw.authenticate() returned no caller')
  return { userId, spaceId, expiresAt: typeof expiresAt === 'string' ? expiresAt : null }
}
