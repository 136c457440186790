import type { Caller } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'
import type { Feed } from '../feed/feed.ts'
import type { ResponseBuffer } from '../http/buffered-bytes.ts'
import type { LimitedDatabase } from '../limits/limited-database.ts'
import type { Pace } from '../limits/pacing.ts'
import type { CallShape } from '../limits/call-shapes.ts'
import type { Reader } from './read.ts'

/** One HTTP request. */
export interface RequestContext {
  /** Undefined for a caller without a credential. */
  caller: Caller | undefined
  requestId: string
  log: FastifyBaseLogger
  /** Returns a signal that aborts when the caller hangs up. That cancels reads, but not mutations. */
  signal: () => AbortSignal
  feed: Feed
  /**
   * Defined for a large input: await it before each piece of work on the input, so that other requests run in between.
   */
  pace: Pace | undefined
  /** Throws UNAVAILABLE until the database is migrated and verified. */
  requirePrepared(): void
  /** Counts the bytes buffered for this request: replies that are not read yet, and the page that a stream sends. */
  buffer: ResponseBuffer
  /** Returns the database for one call of this shape by this caller. */
  limitedDatabaseFor(caller: Caller, shape: CallShape): LimitedDatabase
  /** Called at the end of each call, with OK or an appCode. */
  onCall(path: string, outcome: string, milliseconds: number): void
  /** Destroys the connection: for a stream whose reader does not read even the error that ends the stream. */
  hangUp(): void
  onAuthenticated: Reader['onAuthenticated']
}

/** One call of a request, which may have several. Every verb gets one. */
export interface CallContext extends RequestContext {
  caller: Caller
  /** Queues each read and mutation for a connection, and counts the call once against the user's rate. */
  limitedDatabase: LimitedDatabase
  access: Reader['access']
  /** The id of a mutation, and the hash of its procedure and input. */
  mutation: { id: string | null; payload: Uint8Array }
}
