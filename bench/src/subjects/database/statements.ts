import { type Condition, PRIORITIES, type Sort } from '../../load/shapes.ts'

/**
 * The statements of `floor` and `database`: hand-written SQL for the same work on the same tables, without
 * authentication and row-level security. `user` is also the space: a personal space has the id of its account.
 * A `Parameter` function returns the SQL of a parameter.
 */
export type Parameter = (name: string, type: string) => string

const COLUMNS = `t.id, t.space_id as "spaceId", t.user_id as "userId", t.list_id as "listId", t.title, t.description, t.complete,
  t.completed_at as "completedAt", t.priority, t.tags, t.due_date as "dueDate", t.due_time as "dueTime",
  t.due_zone as "dueZone", t.due_at as "dueAt", t.position, t.revision, t.created_at as "createdAt",
  t.updated_at as "updatedAt", t.deleted_at as "deletedAt"`
const LIVE = (p: Parameter): string => `t.space_id = ${p('user', 'uuid')} and t.deleted_at is null`
const NEWEST = 'order by t.created_at desc, t.id desc limit 50'

// Parameters are numbered in the order of their first use.
export const get = (p: Parameter): string =>
  `select ${COLUMNS} from tw.tasks t where t.space_id = ${p('user', 'uuid')} and t.id = ${p('id', 'uuid')}`
export const list = (p: Parameter): string => `select ${COLUMNS} from tw.tasks t where ${LIVE(p)} ${NEWEST}`
export const page = (p: Parameter): string =>
  `select ${COLUMNS} from tw.tasks t where ${LIVE(p)} and (t.created_at, t.id) < (${p('createdAt', 'timestamptz')}, ${p('id', 'uuid')}) ${NEWEST}`

const holds = (p: Parameter, word: string): string =>
  `t.title || ' ' || coalesce(t.description, '') ilike '%' || ${p(word, 'text')} || '%'`
export const search = (p: Parameter): string =>
  `select ${COLUMNS} from tw.tasks t where ${LIVE(p)} and ${holds(p, 'first')} and ${holds(p, 'second')} ${NEWEST}`

const CONDITIONS: Record<Condition, (p: Parameter) => string> = {
  complete: (p) => `t.complete = ${p('complete', 'boolean')}`,
  priority: (p) => `t.priority = any(${p('priorities', 'smallint[]')})`,
  'all tags': (p) => `t.tag_keys @> ${p('tags', 'text[]')}`,
  'any tag': (p) => `t.tag_keys && ${p('tags', 'text[]')}`,
  list: (p) => `t.list_id = ${p('list', 'uuid')}`,
  inbox: () => 't.list_id is null',
  // Each seeded due has the same date in its own zone and in UTC, the zone of every user.
  'due none': () => 't.due_date is null',
  'due before': (p) => `t.due_date < ${p('day', 'date')}`,
  'due after': (p) => `t.due_date > ${p('day', 'date')}`,
}
const KEYS: Record<Sort['by'], readonly string[]> = {
  createdAt: ['t.created_at'],
  updatedAt: ['t.updated_at'],
  completedAt: ['t.completed_at'],
  due: ['t.due_date', "(case when t.due_at is null then '-infinity' else t.due_at end)"],
  priority: ['t.priority'],
  title: ['t.title collate "und-x-icu"'],
  position: ['t.position'],
}

/** A list of `varied`; tasks without a value come last in both directions. */
export function varied(conditions: readonly Condition[], { by, direction }: Sort): (p: Parameter) => string {
  const isNullable = by === 'completedAt' || by === 'due'
  const order = [...KEYS[by].map((key) => `${key} ${direction}${isNullable ? ' nulls last' : ''}`), `t.id ${direction}`]
  return (p) =>
    `select ${COLUMNS} from tw.tasks t where ${[LIVE(p), ...conditions.map((name) => CONDITIONS[name](p))].join(' and ')}
    order by ${order.join(', ')} limit ${p('limit', 'int')}`
}

const HEAD = (p: Parameter): string =>
  `update tw.spaces set revision = revision + 1, changed_at = clock_timestamp() where id = ${p('user', 'uuid')} returning revision, changed_at`
const LOG = (p: Parameter, action: string, before: string): string => `
  log as (
    insert into tw.changes (space_id, revision, commit, at, mutation_id, actor_kind, actor_user_id, action, entity, entity_id, before, after)
    select t.space_id, t.revision, t.revision, t.updated_at, ${p('mutation', 'uuid')}, 'user', t.user_id, '${action}', 'task', t.id, ${before}, to_jsonb(t)
    from row t
  ), memo as (
    insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, reply, revision, at)
    select t.space_id, ${p('mutation', 'uuid')}, t.user_id, decode(repeat('00', 32), 'hex'), to_json(t), t.revision, t.updated_at from row t
  )
  select ${COLUMNS} from row t`

/** Writes what Taskwire writes: the head of the space, the task, the Change and the reply. */
export const create = (p: Parameter): string => `with head as (${HEAD(p)}), row as (
    insert into tw.tasks (space_id, id, user_id, title, description, priority, tags, tag_keys, due_date, position, revision, created_at, updated_at)
    select ${p('user', 'uuid')}, ${p('id', 'uuid')}, ${p('user', 'uuid')}, ${p('title', 'text')}, ${p('description', 'text')}, ${p('priority', 'smallint')},
      ${p('tags', 'text[]')}, ${p('tags', 'text[]')}, ${p('due', 'date')},
      to_hex(2147483648 + revision), revision, changed_at, changed_at from head
    returning *
  ), ${LOG(p, 'create', 'null::jsonb')}`

export const update = (p: Parameter): string => `with head as (${HEAD(p)}), old as (
    select t.* from tw.tasks t where t.space_id = ${p('user', 'uuid')} and t.id = ${p('id', 'uuid')}
  ), row as (
    update tw.tasks t set title = ${p('title', 'text')}, priority = ${p('priority', 'smallint')}, revision = head.revision, updated_at = head.changed_at
    from head where t.space_id = ${p('user', 'uuid')} and t.id = ${p('id', 'uuid')} returning t.*
  ), ${LOG(p, 'update', "(select jsonb_build_object('title', old.title, 'priority', old.priority) from old)")}`

export const RANKS: readonly string[] = PRIORITIES

/** A statement with $1, $2, … and the names of its parameters. */
export interface Compiled {
  text: string
  names: string[]
}

export function compile(build: (p: Parameter) => string): Compiled {
  const names: string[] = []
  const text = build((name, type) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}::${type}`
  })
  return { text, names }
}
