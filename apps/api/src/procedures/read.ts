import type { CallerSession, QueryCall, Row } from '@taskwire/db'
import type { CallContext } from './context.ts'
import type { Behind } from './cursor.ts'

/** All that reading takes of a call, or of a stream, whose reads the feed limits. */
export interface Reader extends Pick<CallContext, 'caller' | 'need' | 'onAuthenticated'> {
  limitedDatabase: Pick<CallerSession, 'read'>
  signal?: AbortSignal | undefined
}

/** Reads as the caller, for as long as they wait for it. */
export async function read(ctx: CallContext, query: QueryCall): Promise<Row[]> {
  return (await readAs(ctx, query)).rows
}

/** Reads as the caller, and tells who that is; refuses a cursor of another space. */
export async function readAs(
  ctx: Reader,
  query: QueryCall,
  behind?: Behind,
): Promise<{ userId: string; spaceId: string; rows: Row[] }> {
  const { caller, rows } = await ctx.limitedDatabase.read(ctx.caller, ctx.need, query, ctx.signal)
  ctx.onAuthenticated(ctx.caller, caller.userId, caller.expiresAt)
  behind?.requireOwner(caller.spaceId)
  return { userId: caller.userId, spaceId: caller.spaceId, rows }
}
