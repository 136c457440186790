import type { Access } from '@taskwire/contract'
import type { Caller, CallerSession, QueryCall, Row } from '@taskwire/db'
import type { PageStart } from './cursor.ts'

/**
 * The part of a call that a read needs. The feed makes a Reader for each stream, and limits the stream's reads itself.
 */
export interface Reader {
  caller: Caller
  /** The access that the procedure requires. */
  access: Access
  limitedDatabase: Pick<CallerSession, 'read'>
  /** Returns a signal that aborts when the caller hangs up, which cancels the read. */
  signal?: (() => AbortSignal) | undefined
  /** Called once the database has authenticated the caller. */
  onAuthenticated(caller: Caller, userId: string, expiresAt: string | null): void
}

/**
 * Runs a query as the caller, and returns its rows. Unless the query is short, it is cancelled when the caller hangs
 * up.
 */
export async function read(ctx: Reader, query: QueryCall): Promise<Row[]> {
  return (await readAs(ctx, query)).rows
}

/** Runs a query as the caller, and returns its rows and who the caller is. Throws if the cursor belongs to another space. */
export async function readAs(
  ctx: Reader,
  query: QueryCall,
  start?: PageStart,
): Promise<{ userId: string; spaceId: string; rows: Row[] }> {
  const { caller, rows } = await ctx.limitedDatabase.read(
    ctx.caller,
    ctx.access,
    query,
    query.isShort ? undefined : ctx.signal?.(),
  )
  ctx.onAuthenticated(ctx.caller, caller.userId, caller.expiresAt)
  start?.requireSpace(caller.spaceId)
  return { userId: caller.userId, spaceId: caller.spaceId, rows }
}
