import type { Caller } from './caller.ts'
import { type DatabaseFault, DatabaseError } from './errors.ts'
import type { Row } from './connection/outcome.ts'
import { arrayText, prepare, sql, type Statement } from './statement.ts'

/** A caller with an open stream, and the revision that it has received. */
export interface Watched {
  caller: Caller
  revision: number
}

/** What is new for one of the watched callers. */
export interface WatchResult {
  /** The index of the caller, from 0. */
  at: number
  /** Why the caller may not read any more. */
  refusal: DatabaseError | undefined
  /** The head of the caller's space. */
  head: number
}

const watch = prepare<'spaces' | 'credentials' | 'acting' | 'known'>(
  (p) => sql`select nr, refusal, head
    from tw.watch(${p('spaces')}::uuid[], ${p('credentials')}::bytea[], ${p('acting')}::uuid[], ${p('known')}::bigint[])`,
)

/** Returns a statement that checks many callers at once: who may not read any more, and whose space has a new head. */
export function watchStatement(watched: readonly Watched[]): Statement {
  return watch.with({
    spaces: arrayText(watched.map(({ caller }) => caller.spaceId)),
    credentials: arrayText(watched.map(({ caller }) => `\\x${Buffer.from(caller.credential).toString('hex')}`)),
    acting: arrayText(watched.map(({ caller }) => caller.actingAs)),
    known: arrayText(watched.map(({ revision }) => revision)),
  })
}

const FAULTS: Record<string, DatabaseFault> = {
  unauthenticated: 'unauthenticated',
  scope: 'forbidden_scope',
  acting: 'forbidden_acting',
  'user unknown': 'user_unknown',
  space: 'space_not_found',
}

/** Converts the rows of that statement. */
export function watchResults(rows: readonly Row[]): WatchResult[] {
  return rows.map(({ nr, refusal, head }) => ({
    at: Number(nr) - 1,
    refusal:
      typeof refusal === 'string'
        ? new DatabaseError(FAULTS[refusal] ?? 'internal', `The database refused: ${refusal}`)
        : undefined,
    head: Number(head),
  }))
}
