import { type Change, textKey } from '@taskwire/contract'
import { prepare, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../effect.ts'
import { AppError, notFound } from '../errors.ts'
import { afterRoomWasMade, type Room, roomMade } from './made-room.ts'

// A commit's Changes are its last revision and those before it, down to the commit before. Without what came
// before them, some may have been swept away. Each bound is read, not computed: what may overflow is leaky, and
// no index condition behind a policy.
const commit = prepare<'revision'>(
  (p) => sql`with named as materialized (
      select n.commit from tw.changes n where n.space_id = tw.space() and n.revision = ${p('revision')}::bigint
    ),
    previous as materialized (
      select p.revision from named, tw.changes p
      where p.space_id = tw.space() and p.revision < ${p('revision')}::bigint and p.commit <> named.commit
      order by p.revision desc limit 1
    ),
    bounds as materialized (
      select named.commit as last, case when previous.revision is null then 0 else previous.revision end as before
      from named left join previous on true
    )
    (select tw.change_json(c) as change, c.revision = 1 + lag(c.revision, 1, bounds.before) over (order by c.revision) as follows,
      null::json as room
    from bounds, tw.changes c
    where c.space_id = tw.space() and c.revision > bounds.before and c.revision <= bounds.last
    order by c.revision desc)
    union all select null, null, room from (${roomMade}) room`,
)

export type Fields = Record<string, unknown>

/** What undoing takes: for each row what it was, what the commit set, and the keys that SQL does not compute. */
export interface Undo {
  tasks: { id: string; patch: Fields; after: Fields | null }[]
  lists: { id: string; before: Fields | null; after: Fields | null; nameKey: string | null }[]
}

/** What undoes the commit of a Change, last Change first; the refusal where it cannot be undone. */
export async function readUndo(ctx: CallContext, revision: number): Promise<Undo | AppError> {
  const rows = await read(ctx, commit.with({ revision }))
  const told = rows.filter((row) => row['change'] !== null)
  const changes = told.map((row) => row['change'] as Change)
  if (changes.length === 0 || !told.every((row) => row['follows'] === true))
    return notFound('revision', 'names no commit that is there, or is still kept')
  if (changes.some((change) => change.redacted === true || change.action === 'purge'))
    return new AppError('NOT_REVERTIBLE', 'This commit cannot be undone: something of it has been purged.')
  if (changes.some(({ entity }) => entity !== 'task' && entity !== 'list'))
    return new AppError('NOT_REVERTIBLE', 'This commit cannot be undone: it changed the account or a key.')
  const rooms = rows.filter((row) => row['room'] !== null).map((row) => row['room'] as Room)
  return await afterRoomWasMade(ctx, rooms, {
    tasks: changes.filter((change) => change.entity === 'task').map(undoTask),
    lists: changes
      .filter((change) => change.entity === 'list')
      .map(({ entityId: id, before, after }) => ({ id, before, after, nameKey: nameKeyOf(before) })),
  })
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
