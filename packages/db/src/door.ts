import { DatabaseError, databaseError } from './errors.ts'
import { createPool, type Pool, type PoolOptions } from './pool.ts'
import type { Outcome, Row, Sent } from './slot.ts'
import { prepare, type Statement, sql } from './statement.ts'
import { BEGIN, BEGIN_READ, COMMIT, transact } from './transaction.ts'

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
  /** Reads as the caller, whose credential needs the scope. */
  read(caller: Caller, need: string, statement: Statement): Promise<ReadResult>
  /** Changes as the caller, under the user's lock, once for each mutation id. */
  write(caller: Caller, need: string, mutation: MutationRecord, statement: Statement): Promise<WriteResult>
}

export interface Database extends Door, AsyncDisposable {
  /** A statement of nobody's: health and the definer functions. */
  query(statement: Statement): Promise<Row[]>
  readonly pool: Pool
  end(): Promise<void>
}

export interface DatabaseOptions extends PoolOptions {
  /** Milliseconds for one call, waiting for a connection included; 4500 unless told: above the role's statement_timeout. */
  deadlineMs?: number
}

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

/** Opens the door; it connects in the background. */
export function openDatabase(options: DatabaseOptions): Database {
  const { deadlineMs = 4500 } = options
  const pool = createPool({ ...options, hot: [...HOT, ...(options.hot ?? [])] })

  const run = async (statements: readonly Sent[]): Promise<Outcome[]> =>
    await pool.use(deadlineMs, async (slot) => await transact(slot, statements))

  const database: Database = {
    async read(caller, need, statement) {
      const entering = enter.with({ credential: caller.credential, need, acting: caller.actingAs })
      const [, entered, result] = await run([BEGIN_READ, entering, statement, COMMIT])
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
    async query(statement) {
      return await pool.use(deadlineMs, async (slot) => {
        const [result] = await slot.send([statement])
        if (result === undefined || result.status === 'rejected') throw databaseError(result?.reason)
        return result.value.rows
      })
    },
    pool,
    end: () => pool.end(),
    [Symbol.asyncDispose]: () => pool.end(),
  }
  return database
}

function toEntered(entered: Outcome | undefined): Entered {
  const row = entered?.rows[0]
  if (typeof row?.['user_id'] !== 'string') throw new DatabaseError('internal', 'Entering gave nobody')
  return { userId: row['user_id'], expiresAt: typeof row['expires_at'] === 'string' ? row['expires_at'] : null }
}
