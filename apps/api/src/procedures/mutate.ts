import type { Answer, MutationCall, Row } from '@taskwire/db'
import type { CallContext } from './context.ts'
import { AppError, NO_AFTER, NO_COMMIT, NO_LIST, NO_SPACE, notFound } from '../errors.ts'
import { RawJson } from './raw-json.ts'

const pathOr = (path: unknown, otherwise: string): string => (typeof path === 'string' ? path : otherwise)
// The function makes it a row of the contract's shape, or null.
const rowOf = (reply: unknown): Row | undefined => (reply ?? undefined) as Row | undefined

const notRevertible = (why: string): AppError => new AppError('NOT_REVERTIBLE', `This commit cannot be undone: ${why}.`)

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
      'Its revision is not expectedRevision: it has changed. Look at current, and send the call again with its revision.',
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
    new AppError(
      'ALREADY_EXISTS',
      (current ?? null) === null
        ? 'This id was that of something that is gone, and is still in the log; use another id, or none.'
        : 'This id or name is in use: look at current. Use another one, or for an id none.',
      { current: rowOf(current) },
    ),
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
  of_account: () => notRevertible('it changed the account or a key'),
  by_system: () => notRevertible('the service made it by itself, to make room for a task or a list'),
  purged: () => notRevertible('something that it changed has been purged'),
  list_gone: () => notRevertible('a list that it would go back to is gone; bring the list back first'),
  name_taken: () => notRevertible('another list has the name that a list would get back; rename that one first'),
  list_in_use: () => notRevertible('the list that it made has tasks in it; move or delete them first'),
}

/** Calls a mutation's function in the database, and returns its answer, a refusal too. */
export async function callFunction(ctx: CallContext, call: MutationCall): Promise<Answer> {
  const answer = await ctx.limitedDatabase.mutate(ctx.caller, ctx.mutation, ctx.requestId, call)
  ctx.onAuthenticated(ctx.caller, answer.caller.userId, answer.caller.expiresAt)
  return answer
}

/** The reply of an answer, which is of type T, of a repeat the first one. Throws what it refuses. */
export function replyOf<T>({ outcome, reply, revision }: Answer): RawJson<T> {
  if (outcome !== 'ok') {
    const refusal = REFUSALS[outcome]
    if (refusal === undefined) throw new Error(`The function gave no known outcome: ${outcome}`)
    throw refusal(reply === null ? null : JSON.parse(reply))
  }
  if (reply === null)
    throw new AppError('MUTATION_APPLIED', 'This mutation has been applied; its reply is no longer kept. Read again.', {
      revision,
    })
  return new RawJson<T>(reply)
}

/**
 * Calls a mutation's function, whose replies are of type T, and returns its reply, of a repeat the first one. Throws what
 * it refuses.
 */
export async function mutate<T>(ctx: CallContext, call: MutationCall): Promise<RawJson<T>> {
  return replyOf<T>(await callFunction(ctx, call))
}
