import type { Caller, Authenticated, MutationIdentity } from './caller.ts'
import { DatabaseError } from './errors.ts'
import type { Row } from './connection/outcome.ts'
import { type Parameter, type Statement, statementOf } from './statement.ts'

/** The PostgreSQL type of a function's argument. */
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

/**
 * The first arguments of every mutation's function, in this order. `mutation` is the mutation id, and `payload` the
 * hash of the procedure and its input (`MutationIdentity`).
 */
export const MUTATION_ARGUMENTS = {
  space: 'uuid',
  credential: 'bytea',
  acting: 'uuid',
  mutation: 'uuid',
  payload: 'bytea',
  request: 'text',
} as const satisfies Record<string, ArgumentType>

/** The answer of a mutation's function. */
export interface Answer {
  caller: Authenticated
  /** `ok`, or why nothing was changed. */
  outcome: string
  /** JSON text: the reply; for a refusal the current row, or the path of an id that does not exist. */
  reply: string | null
  /** The space's revision after the mutation; for a replay, after the first call; for a refusal, the current one. */
  revision: number
  /** True if the mutation had been applied before: `reply` is the first call's, or null if it is no longer kept. */
  replayed: boolean
  /** Milliseconds from getting a connection to the answer. */
  ms: number
}

/** A call of a mutation's function, with the values of its own arguments. */
export interface MutationCall {
  /** Returns the statement for a caller. */
  statement(caller: Caller, mutation: MutationIdentity, requestId: string): Statement
}

/** The function of a mutation, `tw.<name>()`. */
export interface MutationFunction<Name extends string> {
  readonly name: string
  /** Its own arguments, after MUTATION_ARGUMENTS. */
  readonly arguments: Readonly<Record<Name, ArgumentType>>
  /** The text of the statement that calls it. */
  readonly text: string
  with(values: Readonly<Record<Name, Parameter>>): MutationCall
}

const declared: MutationFunction<string>[] = []
/** All functions that have been declared; a test checks them against the database. */
export const declaredMutations = (): readonly MutationFunction<string>[] => declared

/**
 * Declares the SQL function of a mutation, with its own arguments and their types. Its source is in
 * packages/db/src/functions. It is called by a statement such as `select outcome, … from tw.update_task(space =>
 * $1::uuid, credential => $2::bytea, …)`.
 */
export function mutationFunction<Name extends string>(
  name: string,
  own: Readonly<Record<Name, ArgumentType>>,
): MutationFunction<Name> {
  const names = Object.keys(own) as Name[]
  // Named arguments are readable, and an older process still finds a function that has gained an argument.
  const list = Object.entries<ArgumentType>({ ...MUTATION_ARGUMENTS, ...own }).map(
    ([argument, type], at) => `${argument} => $${at + 1}::${type}`,
  )
  const text = `select outcome, reply::text as reply, revision, replayed, space_id, user_id, tw.iso(session_expires) as session_expires
from tw.${name}(${list.join(', ')})`
  const declaration: MutationFunction<Name> = {
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
  declared.push(declaration)
  return declaration
}

/** Converts the row that the function returned. */
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
    throw new DatabaseError('internal', 'The mutation function returned no answer')
  return {
    caller: { userId, spaceId, expiresAt: typeof expiresAt === 'string' ? expiresAt : null },
    outcome,
    reply: typeof reply === 'string' ? reply : null,
    revision: Number(revision),
    replayed: replayed === true,
    ms,
  }
}
