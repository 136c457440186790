import type { Caller, Authenticated, MutationRecord } from './caller-session.ts'
import { DatabaseError } from './errors.ts'
import type { Row } from './connection/pooled-connection.ts'
import { type Parameter, type Statement, statementOf } from './statement.ts'

/** A type of PostgreSQL that a function's argument has. */
export type ArgumentType =
  | 'uuid'
  | 'text'
  | 'boolean'
  | 'integer'
  | 'bigint'
  | 'jsonb'
  | 'bytea'
  | 'timestamp with time zone'
  | 'uuid[]'
  | 'text[]'

/** What every mutation's function takes first, in this order: where, who, which mutation, by which request. */
export const MUTATION_ARGUMENTS = {
  space: 'uuid',
  credential: 'bytea',
  acting: 'uuid',
  mutation: 'uuid',
  payload: 'bytea',
  request: 'text',
} as const satisfies Record<string, ArgumentType>

/** What a mutation's function answers. */
export interface Answer {
  caller: Authenticated
  /** `ok`, or why nothing was changed. */
  outcome: string
  /** As JSON: the reply, or beside a refusal the row as it is, or the path of an id that names nothing. */
  reply: string | null
  /** The space's, after it. */
  revision: number
  /** It had been applied before: the reply is that of the first time, null where that is no longer kept. */
  replayed: boolean
  /** Milliseconds from when it had a connection to the answer. */
  ms: number
}

/** A mutation that is asked for: the function, and the values of its own arguments. */
export interface MutationCall {
  /** The statement that calls it. */
  statement(caller: Caller, mutation: MutationRecord, requestId: string): Statement
}

/** The function of a mutation, `tw.<name>()`. */
export interface MutationFunction<Name extends string> {
  readonly name: string
  /** Those of its own, after MUTATION_ARGUMENTS. */
  readonly arguments: Readonly<Record<Name, ArgumentType>>
  /** The statement that calls it. */
  readonly text: string
  with(values: Readonly<Record<Name, Parameter>>): MutationCall
}

const declared: MutationFunction<string>[] = []
/** All that have been declared, for a test to hold against the database. */
export const declaredMutations = (): readonly MutationFunction<string>[] => declared

/**
 * Declares the function of a mutation, by its own arguments and their types. It is called by `select outcome, … from
 * tw.update_task(space => $1::uuid, credential => $2::bytea, …)`; packages/db/src/functions has its text.
 */
export function mutationFunction<Name extends string>(
  name: string,
  own: Readonly<Record<Name, ArgumentType>>,
): MutationFunction<Name> {
  const names = Object.keys(own) as Name[]
  const given = Object.entries<ArgumentType>({ ...MUTATION_ARGUMENTS, ...own })
  // By name and not by place: so the statement says what is what, and an argument more breaks no older process.
  const list = given.map(([argument, type], at) => `${argument} => $${at + 1}::${type}`)
  const text = `select outcome, reply::text as reply, revision, replayed, space_id, user_id, tw.iso(session_expires) as session_expires
from tw.${name}(${list.join(', ')})`
  const made: MutationFunction<Name> = {
    name,
    arguments: own,
    text,
    with: (values) => ({
      statement: ({ spaceId, credential, actingAs }, { id, payload }, requestId) =>
        statementOf(text, [
          spaceId,
          credential,
          actingAs,
          id,
          payload,
          requestId,
          ...names.map((argument) => values[argument]),
        ]),
    }),
  }
  declared.push(made)
  return made
}

/** The answer of a row that the function gave. */
export function toAnswer(row: Row | undefined, ms: number): Answer {
  const {
    outcome,
    reply,
    revision,
    replayed,
    space_id: spaceId,
    user_id: userId,
    session_expires: expiresAt,
  } = row ?? {}
  if (typeof outcome !== 'string' || typeof userId !== 'string' || typeof spaceId !== 'string')
    throw new DatabaseError('internal', 'A mutation gave no answer')
  return {
    caller: { userId, spaceId, expiresAt: typeof expiresAt === 'string' ? expiresAt : null },
    outcome,
    reply: typeof reply === 'string' ? reply : null,
    revision: Number(revision),
    replayed: replayed === true,
    ms,
  }
}
