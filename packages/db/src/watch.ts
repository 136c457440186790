import type { Caller } from './caller-session.ts'
import { type DatabaseFault, DatabaseError } from './errors.ts'
import type { Row } from './connection/pooled-connection.ts'
import { arrayText, prepare, sql, type Statement } from './statement.ts'

/** A caller with a stream open, and the revision up to which it has been told. */
export interface Watched {
  caller: Caller
  revision: number
}

/** What is new of one of those asked about. */
export interface News {
  /** Which one, from 0. */
  at: number
  /** Why it may not read any more. */
  refusal: DatabaseError | undefined
  /** The space's revision. */
  head: number
}

const watch = prepare<'spaces' | 'credentials' | 'acting' | 'known'>(
  (p) => sql`select nr, refusal, head
    from tw.watch(${p('spaces')}::uuid[], ${p('credentials')}::bytea[], ${p('acting')}::uuid[], ${p('known')}::bigint[])`,
)

/** Asks for many callers at once who may not read any more, and whose space's revision has moved on. */
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

export function newsOf(rows: readonly Row[]): News[] {
  return rows.map(({ nr, refusal, head }) => ({
    at: Number(nr) - 1,
    refusal:
      typeof refusal === 'string'
        ? new DatabaseError(FAULTS[refusal] ?? 'internal', `The database refused: ${refusal}`)
        : undefined,
    head: Number(head),
  }))
}
