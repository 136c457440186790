import { arrayText, sql, type SQL, statement, type Statement } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../effect.ts'
import type { Fields, Undo } from './commit.ts'

/** Rows of (room json), in order: what the service moved to make room behind `bounds.last`, and where it stands now. */
export const roomMade: SQL = sql`select json_build_object(
    'id', c.entity_id, 'old', c.before->>'position', 'new', c.after->>'position',
    'shelf', case when c.entity = 'list' then 'lists' else coalesce(t.list_id::text, 'inbox') end,
    'now', case when c.entity = 'list' then l.position else t.position end) as room
  from bounds cross join tw.changes c
  left join lateral (select * from tw.tasks t where t.space_id = tw.space() and t.id = c.entity_id and t.deleted_at is null offset 0) t on true
  left join lateral (select * from tw.lists l where l.space_id = tw.space() and l.id = c.entity_id offset 0) l on true
  where c.space_id = tw.space() and c.actor_kind = 'system' and c.revision > bounds.last and c.before->'position' is not null
  order by c.revision`

export interface Room {
  id: string
  old: string
  new: string
  shelf: string
  /** Null where it is not live any more. */
  now: string | null
}

const tasksOf = (ids: readonly string[]): Statement =>
  statement(sql`select i.id, coalesce(x.list_id::text, 'inbox') as shelf, x.position, x.deleted_at is null as live from unnest(${arrayText(ids)}::uuid[]) i(id)
    cross join lateral (select * from tw.tasks t where t.space_id = tw.space() and t.id = i.id offset 0) x`)

/** A row that nobody has moved since but the service. */
interface Moved {
  shelf: string
  old: string
  now: string
}

function movedSince(rooms: readonly Room[]): Map<string, Moved> {
  const moved = new Map<string, Moved & { stands: string | null }>()
  for (const { id, shelf, old, new: now, now: stands } of rooms) {
    const before = moved.get(id)
    // Somebody moved it in between: where it was then says nothing of where it was before.
    const first = before === undefined ? old : before.now === old ? before.old : ''
    moved.set(id, { shelf, old: first, now, stands })
  }
  return new Map([...moved].filter(([, { old, now, stands }]) => old !== '' && now === stands))
}

/** By shelf, each in the order in which they stood. */
function shelvesOf(moved: readonly Moved[]): Map<string, Moved[]> {
  const ordered = moved.toSorted((a, b) => (a.old < b.old ? -1 : 1))
  return Map.groupBy(ordered, ({ shelf }) => shelf)
}

/** Where a position lies now, that was between two of these, which stand in order. */
function positionNow(moved: readonly Moved[], wanted: string): string {
  let [from, to] = [0, moved.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((moved[middle]?.old ?? '') <= wanted) from = middle + 1
    else to = middle
  }
  const [below, above] = [moved[from - 1], moved[from]]
  if (below === undefined || (below.now <= wanted && (above === undefined || above.now > wanted))) return wanted
  // That place is taken: what goes there goes behind.
  return below.now
}

function held(after: Fields | null, moved: Moved | undefined): Fields | null {
  return after !== null && moved !== undefined && after['position'] === moved.old
    ? { ...after, position: moved.now }
    : after
}

/**
 * The same once the service has made room behind the commit: what it alone moved still holds, and what goes back goes
 * between those that it was between.
 */
export async function afterRoomWasMade(ctx: CallContext, rooms: readonly Room[], undo: Undo): Promise<Undo> {
  if (rooms.length === 0) return undo
  const moved = movedSince(rooms)
  const own = new Set([...undo.tasks, ...undo.lists].map(({ id }) => id))
  const shelves = shelvesOf([...moved].filter(([id]) => !own.has(id)).map(([, one]) => one))
  const stands = new Map((await read(ctx, tasksOf(undo.tasks.map(({ id }) => id)))).map((row) => [row['id'], row]))

  const patchOf = ({ id, patch }: Undo['tasks'][number]): Fields => {
    const row = stands.get(id)
    const placed = ['listId', 'position', 'deletedAt'].some((name) => name in patch)
    const live = 'deletedAt' in patch ? patch['deletedAt'] === null : row?.['live'] === true
    if (row === undefined || !placed || !live) return patch
    const shelf = 'listId' in patch ? (patch['listId'] ?? 'inbox') : row['shelf']
    const wanted = String(patch['position'] ?? moved.get(id)?.old ?? row['position'])
    return { ...patch, position: positionNow(shelves.get(String(shelf)) ?? [], wanted) }
  }
  const beforeOf = (before: Fields | null): Fields | null =>
    typeof before?.['position'] === 'string'
      ? { ...before, position: positionNow(shelves.get('lists') ?? [], before['position']) }
      : before
  return {
    tasks: undo.tasks.map((task) => ({ ...task, patch: patchOf(task), after: held(task.after, moved.get(task.id)) })),
    lists: undo.lists.map((list) => ({
      ...list,
      before: beforeOf(list.before),
      after: held(list.after, moved.get(list.id)),
    })),
  }
}
