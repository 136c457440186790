import { type Change, LIMITS, textKey } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../effect.ts'
import { AppError } from '../errors.ts'

// A commit's Changes are its last revision and those before it: of a list's deletion one more than
// the tasks that one call may change. Without what came before them, some may have been swept away.
const commit = prepare<'revision'>(
  (p) => sql`select tw.change_json(c) as change, c.revision = 1 or exists (
        select from tw.changes b where b.user_id = tw.me() and b.revision = c.revision - 1
      ) as follows
    from tw.changes c join tw.changes named on named.user_id = tw.me() and named.revision = ${p('revision')}::bigint
    where c.user_id = tw.me() and c.revision between named.commit - ${sql.raw(String(LIMITS.tasksPerMutation))} and named.commit
      and c.commit = named.commit
    order by c.revision desc`,
)

/** What undoing takes: for each row what it was, what the commit set, and the keys that SQL does not compute. */
export interface Undo {
  tasks: { id: string; patch: Record<string, unknown>; after: unknown }[]
  lists: { id: string; before: unknown; after: unknown; nameKey: string | null }[]
}

/** What undoes the commit of a Change, last Change first; the refusal where it cannot be undone. */
export async function readUndo(ctx: CallContext, revision: number): Promise<Undo | AppError> {
  const rows = await read(ctx, commit.with({ revision }))
  const changes = rows.map((row) => row['change'] as Change)
  if (changes.length === 0 || !rows.every((row) => row['follows'] === true))
    return new AppError('NOT_FOUND', 'There is no such revision, or its commit is no longer kept.')
  if (changes.some((change) => change.redacted === true || change.action === 'purge'))
    return new AppError('NOT_REVERTIBLE', 'This commit cannot be undone: something of it has been purged.')
  return {
    tasks: changes.filter((change) => change.entity === 'task').map(undoTask),
    lists: changes
      .filter((change) => change.entity === 'list')
      .map(({ entityId: id, before, after }) => ({ id, before, after, nameKey: nameKeyOf(before) })),
  }
}

function undoTask({ entityId: id, before, after }: Change): Undo['tasks'][number] {
  // A creation is undone into the trash.
  if (before === null) return { id, patch: { deletedAt: 'now' }, after }
  const { tags } = before
  const tagKeys = Array.isArray(tags) ? { tagKeys: tags.map((tag) => textKey(String(tag))) } : {}
  return { id, patch: { ...before, ...tagKeys }, after }
}

function nameKeyOf(before: Change['before']): string | null {
  const name = before?.['name']
  return typeof name === 'string' ? textKey(name) : null
}
