import type { Access } from '@taskwire/contract'
import type { Caller } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'
import type { Feed } from '../feed/feed.ts'
import type { ResponseBuffer } from '../http/buffered-bytes.ts'
import type { LimitedDatabase } from '../limits/limited-database.ts'
import type { Pace } from '../limits/pacing.ts'
import type { CallShape } from '../limits/call-shapes.ts'

/** One HTTP request. */
export interface RequestContext {
  /** Undefined for a caller without a credential. */
  caller: Caller | undefined
  requestId: string
  log: FastifyBaseLogger
  /** Aborts when the caller hangs up: reads end then, mutations do not. */
  signal: AbortSignal
  feed: Feed
  /** For a large input: waits before each piece of work on it. */
  pace: Pace | undefined
  /** Throws UNAVAILABLE until the database is verified. */
  requirePrepared(): void
  /** Counts the bytes buffered for this request. */
  buffer: ResponseBuffer
  /** The database for one of its calls, by this caller and of this shape. */
  limitedDatabaseFor(caller: Caller, shape: CallShape): LimitedDatabase
  /** Told how each call ended: OK or an appCode. */
  onCall(path: string, outcome: string, milliseconds: number): void
  /** Cuts the connection off, where a stream cannot be ended with a word. */
  hangUp(): void
  /** Told who the caller is, once the database has authenticated them. */
  onAuthenticated(caller: Caller, userId: string, expiresAt: string | null): void
}

/** One call of a request, which may hold many: what a verb gets. */
export interface CallContext extends RequestContext {
  caller: Caller
  /** Runs each read and mutation in its turn, and counts the call once against its user's rate. */
  limitedDatabase: LimitedDatabase
  /** What the call needs, as its contract says. */
  need: Access
  /** Of a mutation: its own id, and the hash of what it was asked. */
  mutation: { id: string | null; payload: Uint8Array }
}
