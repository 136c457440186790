import type { Answer, MutationCall, Row } from '@taskwire/db'
import type { CallContext } from './context.ts'
import { AppError, NO_AFTER, NO_COMMIT, NO_LIST, NO_SPACE, notFound } from '../errors.ts'
import { RawJson } from './raw-json.ts'

const pathOr = (path: unknown, fallback: string): string => (typeof path === 'string' ? path : fallback)
// The function returns a row of the contract's shape, or null.
const rowOf = (reply: unknown): Row | undefined => (reply ?? undefined) as Row | undefined

const notRevertible = (reason: string): AppError =>
  new AppError('NOT_REVERTIBLE', `This commit cannot be undone: ${reason}.`)

/**
 * The errors, by the outcome that a mutation's function returns. The function's reply is the path of the id that was
 * not found, or else the current row.
 */
export const OUTCOME_ERRORS: Record<string, (reply: unknown) => AppError> = {
  missing: (path) => notFound(pathOr(path, 'id')),
  no_list: (path) => notFound(pathOr(path, 'listId'), NO_LIST),
  no_space: (path) => notFound(pathOr(path, 'spaceId'), NO_SPACE),
  no_after: (path) => notFound(pathOr(path, 'after'), NO_AFTER),
  no_commit: () => notFound('revision', NO_COMMIT),
  conflict: (current) =>
    new AppError(
      'REVISION_CONFLICT',
      'The revision is not expectedRevision: the row has changed. Read current, and send the call again with its revision.',
      { current: rowOf(current) },
    ),
  // Returned by changes.revert, which takes no expectedRevision.
  changed_since: (current) =>
    new AppError(
      'REVISION_CONFLICT',
      'This commit was undone before, or a value that it set has changed since; nothing was changed. Read current.',
      { current: rowOf(current) },
    ),
  in_trash: (current) =>
    new AppError('IN_TRASH', 'The task is in the trash; restore it first.', { current: rowOf(current) }),
  exists: (current) =>
    new AppError(
      'ALREADY_EXISTS',
      (current ?? null) === null
        ? 'This id belonged to a row that was purged or deleted, and is still in the log; use another id, or leave it out.'
        : 'This id or name is in use; current is the row that has it. Use another one, or leave the id out.',
      { current: rowOf(current) },
    ),
  user_exists: (current) =>
    new AppError('ALREADY_EXISTS', 'There is an account with this externalId already; current is that account.', {
      current: rowOf(current),
    }),
  // Returned by tasks.createMany, with the path of the draft's id, and the row that has this id.
  draft_exists: (reply) => {
    // tw.refused_drafts() returns these two.
    const { path, current } = reply as { path: string; current: unknown }
    return new AppError(
      'ALREADY_EXISTS',
      `${path} is in use, or was purged recently; use another id, or leave it out.`,
      {
        fields: [{ path, message: 'is in use; use another id, or leave it out' }],
        current: rowOf(current),
      },
    )
  },
  limit: () =>
    new AppError(
      'LIMIT_EXCEEDED',
      'The call would change more rows than it may; nothing was changed. Narrow it, or split it.',
    ),
  of_account: () => notRevertible('it changed the account or a key'),
  by_system: () => notRevertible('the service made it when it rebalanced positions'),
  purged: () => notRevertible('a row that it changed has been purged'),
  list_gone: () => notRevertible('a list that it needs has been deleted; restore that list first'),
  name_taken: () => notRevertible('another list now has the name that it would restore; rename that list first'),
  list_in_use: () => notRevertible('the list that it created contains tasks; move or delete them first'),
}

/** Calls a mutation function in the database, and returns its answer, which may be a refusal. */
export async function callFunction(ctx: CallContext, call: MutationCall): Promise<Answer> {
  const answer = await ctx.limitedDatabase.mutate(ctx.caller, ctx.mutation, ctx.requestId, call)
  ctx.onAuthenticated(ctx.caller, answer.caller.userId, answer.caller.expiresAt)
  return answer
}

/** Returns the reply of an answer; for a replay, the first reply. Throws an AppError if the answer is a refusal. */
export function replyOf<T>({ outcome, reply, revision }: Answer): RawJson<T> {
  if (outcome !== 'ok') {
    const errorOf = OUTCOME_ERRORS[outcome]
    if (errorOf === undefined) throw new Error(`The function returned an unknown outcome: ${outcome}`)
    throw errorOf(reply === null ? null : JSON.parse(reply))
  }
  if (reply === null)
    throw new AppError(
      'MUTATION_APPLIED',
      'This mutation was applied before, and its reply is no longer kept. Read again.',
      {
        revision,
      },
    )
  return new RawJson<T>(reply)
}

/**
 * Calls a mutation function and returns its reply; for a replay, the first reply. Throws an AppError if the function
 * refuses.
 */
export async function mutate<T>(ctx: CallContext, call: MutationCall): Promise<RawJson<T>> {
  return replyOf<T>(await callFunction(ctx, call))
}
