import { randomUUID } from 'node:crypto'
import type { Caller, CallerSession } from '@taskwire/db'
import type { RequestContext } from '../procedures/context.ts'
import type { CallableProcedure } from '../procedures/router.ts'

/** Runs a procedure, which must not be a stream, without a running service: on this session, and without limits. */
export async function callOffline(
  call: CallableProcedure,
  input: unknown,
  { caller, session, name }: { caller: Caller; session: CallerSession; name: string },
): Promise<unknown> {
  const limitedDatabase = { read: session.read, mutate: session.mutate, countCall: async () => {} }
  const ctx: RequestContext = {
    caller,
    requestId: `${name}-${randomUUID()}`,
    signal: () => new AbortController().signal,
    pace: undefined,
    requirePrepared() {},
    buffer: { requireRoom() {}, add: () => ({ [Symbol.dispose]() {} }) },
    limitedDatabaseFor: () => limitedDatabase,
    onCall() {},
    hangUp() {},
    onAuthenticated() {},
    // Only streams use these two.
    log: undefined as never,
    feed: undefined as never,
  }
  return await call.run(ctx, async () => input)
}
