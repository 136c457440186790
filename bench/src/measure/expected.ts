import { deepStrictEqual, ok } from 'node:assert/strict'
import type { CallSpec } from '../load/call-specs.ts'
import type { BenchDatabase } from '../seed/database.ts'
import type { Server, Shown } from '../subjects/calls.ts'
import { PAGE } from '../works.ts'
import { type Row, select } from './expected-list.ts'

const FIELDS = ['id', 'spaceId', 'title', 'description', 'complete', 'tags'] as const
/** Subjects that store a Change and a reply for every write. */
const RECORDING: readonly Server[] = ['floor', 'fair-floor', 'taskwire']

/** Throws unless the response has the right rows of the tables in the right order, and a write is stored. */
export async function checkResponse(
  database: BenchDatabase,
  name: Server,
  spec: CallSpec,
  received: readonly Shown[],
): Promise<void> {
  const shown = received.map((task) => Object.fromEntries(FIELDS.map((field) => [field, task[field]])))
  const [first] = received
  const written = spec.work === 'create' || spec.work === 'update'
  const expected = written
    ? await tasksOf(database, spec.user.id, [first?.id ?? ''])
    : await expectedTasks(database, spec)
  deepStrictEqual(shown, expected, `${name} returned other rows than expected for ${spec.work}`)
  if (!written) return
  const title = spec.work === 'create' ? spec.draft.title : spec.changes.title
  deepStrictEqual(first?.title, title, `${name} acknowledged ${spec.work}, but the table does not have it`)
  if (!RECORDING.includes(name)) return
  const recorded = await database.sql`
    select from tw.changes c join tw.mutations m using (space_id, mutation_id)
    where c.space_id = ${spec.user.id} and c.mutation_id = ${spec.mutationId} and c.entity_id = ${first?.id ?? ''}`
  ok(recorded.length === 1, `${name} stored no Change or no reply for ${spec.work}`)
}

async function tasksOf({ sql }: BenchDatabase, user: string, ids: readonly string[]): Promise<Shown[]> {
  return [
    ...(await sql<Shown[]>`
      select t.id, t.space_id as "spaceId", t.title, t.description, t.complete, t.tags
      from unnest(${ids}::uuid[]) with ordinality w(id, nr) join tw.tasks t on t.space_id = ${user} and t.id = w.id
      order by w.nr`),
  ]
}

async function expectedTasks(database: BenchDatabase, spec: CallSpec): Promise<Shown[]> {
  switch (spec.work) {
    case 'get':
      return await tasksOf(database, spec.user.id, [spec.id])
    case 'batch':
      return await tasksOf(database, spec.user.id, spec.ids)
    case 'list':
    case 'page':
    case 'search': {
      // After a key, or from the beginning.
      const after = spec.work === 'page' ? spec.after : { createdAt: '9999-01-01', id: spec.user.id }
      const words = spec.work === 'search' ? spec.words : []
      const rows = await database.sql<Shown[]>`
        select t.id, t.space_id as "spaceId", t.title, t.description, t.complete, t.tags from tw.tasks t
        where t.space_id = ${spec.user.id} and t.deleted_at is null and (t.created_at, t.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)
          and not exists (select from unnest(${words}::text[]) word
            where strpos(concat_ws(' ', t.title, lower(t.description)), word) = 0)
        order by t.created_at desc, t.id desc limit ${PAGE}`
      // A search without matches would not detect a subject that finds nothing.
      ok(
        spec.work !== 'search' || rows.length > 0 || database.model.tasks < 100_000,
        `no task matches ${words.join(' ')}`,
      )
      return [...rows]
    }
    case 'varied':
      return await expectedVaried(database, spec)
    default:
      return []
  }
}

/** Filters and orders in JavaScript, independently of the statements that are checked. */
async function expectedVaried({ sql }: BenchDatabase, spec: CallSpec & { work: 'varied' }): Promise<Shown[]> {
  const rows = await sql<Row[]>`
    select t.id, t.space_id as "spaceId", t.title, t.description, t.complete, t.tags, t.tag_keys as "tagKeys", t.priority,
      t.list_id as "listId", t.due_date::text as "dueDate", extract(epoch from t.due_at)::float8 as "dueAt", t.position,
      extract(epoch from t.completed_at)::float8 as "completedAt", extract(epoch from t.created_at)::float8 as "createdAt",
      extract(epoch from t.updated_at)::float8 as "updatedAt"
    from tw.tasks t where t.space_id = ${spec.user.id} and t.deleted_at is null`
  return select(rows, spec).map(({ id, spaceId, title, description, complete, tags }) => ({
    id,
    spaceId,
    title,
    description,
    complete,
    tags,
  }))
}
