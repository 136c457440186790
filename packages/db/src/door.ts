import { DatabaseError } from './errors.ts'
import { createPool, type Pool, type PoolOptions } from './pool.ts'
import type { Outcome, Row, Sent } from './slot.ts'
import { prepare, type Statement, sql } from './statement.ts'
import { BEGIN, BEGIN_READ, COMMIT, runAlone, transact } from './transaction.ts'

/** Who calls, by credential: the database settles who that is. */
export interface Caller {
  /** sha256 of the session's token or of the key's secret. */
  credential: Uint8Array
  /** The user that a service's key acts for. */
  actingAs: string | null
}

/** What the database found of the caller. */
export interface Entered {
  userId: string
  /** When the session ends; null for a key. */
  expiresAt: string | null
}

export interface ReadResult {
  caller: Entered
  rows: Row[]
}

/** A mutation's own id and the hash of what it was asked. */
export interface MutationRecord {
  id: string | null
  payload: Uint8Array
}

export interface WriteResult {
  caller: Entered
  /** Set when this mutation id has been applied before: its reply, where that is still kept. */
  replay: { reply: unknown; revision: number } | null
  rows: Row[]
}

/**
 * The one way to users' rows. Each call is one transaction in one send: BEGIN, entering as the
 * caller, the statement, COMMIT. Entering raises where it finds nobody, so that nothing runs on as
 * whoever was set before.
 */
export interface Door {
  /** Reads as the caller, whose credential needs the scope, until the signal aborts. */
  read(caller: Caller, need: string, statement: Statement, signal?: AbortSignal): Promise<ReadResult>
  /**
   * Changes as the caller, under the user's lock, once for each mutation id. Nothing cuts it off but
   * its deadline: whoever hangs up does not make an outcome unknown.
   */
  write(caller: Caller, need: string, mutation: MutationRecord, statement: Statement): Promise<WriteResult>
}

/** Single statements on a pool, each within a deadline: those of the sign-in, which has a login of its own. */
export interface Statements extends AsyncDisposable {
  /** Runs it as the login itself, which is nobody's: health, definer functions, the sign-in's tables. */
  query(statement: Statement): Promise<Row[]>
  readonly pool: Pool
  end(): Promise<void>
}

export interface Database extends Door, Statements {}

export interface DatabaseOptions extends PoolOptions {
  /** Milliseconds for one call, waiting for a connection included; 4500 unless told: above the role's statement_timeout. */
  deadlineMs?: number
}

const DEADLINE_MS = 4500

const enter = prepare<'credential' | 'need' | 'acting'>(
  (p) =>
    sql`select user_id, tw.iso(expires_at) as expires_at from tw.enter(${p('credential')}, ${p('need')}, ${p('acting')})`,
)
const enterWrite = prepare<'credential' | 'need' | 'acting' | 'mutation' | 'payload'>(
  (p) => sql`select user_id, tw.iso(expires_at) as expires_at, replayed, reply, revision
    from tw.enter_write(${p('credential')}, ${p('need')}, ${p('acting')}, ${p('mutation')}, ${p('payload')})`,
)

const HOT = [
  { text: enter.text, parameters: 3 },
  { text: enterWrite.text, parameters: 5 },
]

/** Opens a pool for single statements; it connects in the background. */
export function openStatements(options: DatabaseOptions): Statements {
  const { deadlineMs = DEADLINE_MS } = options
  const pool = createPool(options)
  return {
    query: async (statement) => await pool.use(deadlineMs, async (slot) => (await runAlone(slot, statement)).rows),
    pool,
    end: () => pool.end(),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** Opens the door; it connects in the background. */
export function openDatabase(options: DatabaseOptions): Database {
  const { deadlineMs = DEADLINE_MS } = options
  const statements = openStatements({ ...options, hot: [...HOT, ...(options.hot ?? [])] })
  const { pool } = statements

  const run = async (statements: readonly Sent[], signal?: AbortSignal): Promise<Outcome[]> =>
    await pool.use(deadlineMs, async (slot) => await transact(slot, statements), signal)

  return {
    ...statements,
    async read(caller, need, statement, signal) {
      const entering = enter.with({ credential: caller.credential, need, acting: caller.actingAs })
      const [, entered, result] = await run([BEGIN_READ, entering, statement, COMMIT], signal)
      return { caller: toEntered(entered), rows: result?.rows ?? [] }
    },
    async write(caller, need, mutation, statement) {
      const entering = enterWrite.with({
        credential: caller.credential,
        need,
        acting: caller.actingAs,
        mutation: mutation.id,
        payload: mutation.payload,
      })
      const [, entered, result] = await run([BEGIN, entering, statement, COMMIT])
      const row = entered?.rows[0]
      return {
        caller: toEntered(entered),
        replay: row?.['replayed'] === true ? { reply: row['reply'], revision: Number(row['revision']) } : null,
        rows: result?.rows ?? [],
      }
    },
  }
}

function toEntered(entered: Outcome | undefined): Entered {
  const row = entered?.rows[0]
  if (typeof row?.['user_id'] !== 'string') throw new DatabaseError('internal', 'Entering gave nobody')
  return { userId: row['user_id'], expiresAt: typeof row['expires_at'] === 'string' ? row['expires_at'] : null }
}
