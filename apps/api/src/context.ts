import type { Access } from '@taskwire/contract'
import type { Caller, Door } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'
import type { Feed } from './feed/feed.ts'
import type { Shape } from './shapes.ts'

/** What every call of the service has at hand. */
export interface Services {
  feed: Feed
}

/** One HTTP request. */
export interface RequestContext extends Services {
  /** What calls of this shape reach the database by, each in its user's turn. */
  doorFor(shape: Shape): Door
  /** Undefined for a caller without a credential. */
  caller: Caller | undefined
  requestId: string
  log: FastifyBaseLogger
  /** Aborts when the caller hangs up: reads end then, mutations do not. */
  signal: AbortSignal
  /** Counts a call against the caller's rate; throws RATE_LIMITED, and UNAVAILABLE before the database is fit. */
  admit(access: Access): Promise<void>
  /** Told how each call ended: OK or an appCode. */
  onCall(path: string, outcome: string, milliseconds: number): void
  /** Cuts the connection off, where a stream cannot be ended with a word. */
  hangUp(): void
  /** Told who the caller is once the database has settled it. */
  onEntered(caller: Caller, userId: string, expiresAt: string | null): void
}

/** One call of a request, which may hold many: what a verb gets. */
export interface CallContext extends RequestContext {
  database: Door
  caller: Caller
  /** The scope that the procedure needs. */
  need: string
  /** Of a mutation: its own id, and the hash of what it was asked. */
  mutation: { id: string | null; payload: Uint8Array }
}
