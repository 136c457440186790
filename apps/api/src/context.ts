import type { Access } from '@taskwire/contract'
import type { Caller, Database } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'
import type { Feed } from './feed/feed.ts'

/** What every call of the service has at hand. */
export interface Services {
  /** Of a user's reads a few run at a time in this process, of their writes one. */
  database: Database
  feed: Feed
}

/** One HTTP request. */
export interface RequestContext extends Services {
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
  caller: Caller
  /** The scope that the procedure needs. */
  need: string
  /** Of a mutation: its own id, and the hash of what it was asked. */
  mutation: { id: string | null; payload: Uint8Array }
}
