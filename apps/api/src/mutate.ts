import type { Answer, MutationCall, Row } from '@taskwire/db'
import type { CallContext } from './context.ts'
import { AppError, NO_AFTER, NO_COMMIT, NO_LIST, NO_SPACE, notFound } from './errors.ts'
import { MadeJson } from './made-json.ts'

const pathOr = (path: unknown, otherwise: string): string => (typeof path === 'string' ? path : otherwise)
// The function makes it a row of the contract's shape, or null.
const rowOf = (reply: unknown): Row | undefined => (reply ?? undefined) as Row | undefined

/** By outcome; the reply beside it is the path of an id, for what is not there, and otherwise the row as it is. */
export const REFUSALS: Record<string, (reply: unknown) => AppError> = {
  missing: (path) => notFound(pathOr(path, 'id')),
  no_list: (path) => notFound(pathOr(path, 'listId'), NO_LIST),
  no_space: (path) => notFound(pathOr(path, 'spaceId'), NO_SPACE),
  no_after: (path) => notFound(pathOr(path, 'after'), NO_AFTER),
  no_commit: () => notFound('revision', NO_COMMIT),
  conflict: (current) =>
    new AppError(
      'REVISION_CONFLICT',
      'It has changed since expectedRevision; look at current, and send the call again.',
      { current: rowOf(current) },
    ),
  // Of a revert, which expects no revision.
  changed_since: (current) =>
    new AppError(
      'REVISION_CONFLICT',
      'This commit has been undone already, or what it set has changed since; nothing was changed. Look at current.',
      { current: rowOf(current) },
    ),
  in_trash: (current) =>
    new AppError('IN_TRASH', 'The task is in the trash; restore it first.', { current: rowOf(current) }),
  exists: (current) =>
    new AppError('ALREADY_EXISTS', 'Something with this id or name exists already, or was purged not long ago.', {
      current: rowOf(current),
    }),
  // Of one of many: the path of its id, and the row that has it.
  draft_exists: (reply) => {
    // tw.refused_drafts() makes it of these two.
    const { path, current } = reply as { path: string; current: unknown }
    return new AppError(
      'ALREADY_EXISTS',
      `${path} is in use already, or was purged not long ago; use another id, or none.`,
      {
        fields: [{ path, message: 'is in use; use another id, or none' }],
        current: rowOf(current),
      },
    )
  },
  limit: () =>
    new AppError(
      'LIMIT_EXCEEDED',
      'That would change more than it may; nothing was changed. Narrow it, or do it in parts.',
    ),
  of_account: () => new AppError('NOT_REVERTIBLE', 'This commit cannot be undone: it changed the account or a key.'),
  not_revertible: () =>
    new AppError(
      'NOT_REVERTIBLE',
      'This commit cannot be undone: something of it has been purged, or its place is gone.',
    ),
}

/** Calls a mutation's function in the database, and returns its answer, a refusal too. */
export async function callFunction(ctx: CallContext, call: MutationCall): Promise<Answer> {
  const answer = await ctx.limitedDatabase.mutate(ctx.caller, ctx.mutation, ctx.requestId, call)
  ctx.onAuthenticated(ctx.caller, answer.caller.userId, answer.caller.expiresAt)
  return answer
}

/** The reply of an answer, which is of type T, of a repeat the first one. Throws what it refuses. */
export function replyOf<T>({ outcome, reply, revision }: Answer): MadeJson<T> {
  if (outcome !== 'ok') {
    const refusal = REFUSALS[outcome]
    if (refusal === undefined) throw new Error(`The function gave no known outcome: ${outcome}`)
    throw refusal(reply === null ? null : JSON.parse(reply))
  }
  if (reply === null)
    throw new AppError('MUTATION_APPLIED', 'This mutation has been applied; its reply is no longer kept. Read again.', {
      revision,
    })
  return new MadeJson<T>(reply)
}

/**
 * Calls a mutation's function, whose replies are of type T, and returns its reply, of a repeat the first one. Throws what
 * it refuses.
 */
export async function mutate<T>(ctx: CallContext, call: MutationCall): Promise<MadeJson<T>> {
  return replyOf<T>(await callFunction(ctx, call))
}
