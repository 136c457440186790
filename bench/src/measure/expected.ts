import { deepStrictEqual, ok } from 'node:assert/strict'
import type { Pick } from '../load/picks.ts'
import type { BenchDatabase } from '../seed/database.ts'
import type { Server, Shown } from '../subjects/calls.ts'
import { PAGE } from '../works.ts'

const FIELDS = ['id', 'spaceId', 'title', 'description', 'complete', 'tags'] as const
/** These keep a Change and a reply of every write. */
const RECORDING: readonly Server[] = ['floor', 'taskwire']

/** Throws unless what a subject gave is what the tables hold, row for row and in the same order. */
export async function checkAnswer(
  database: BenchDatabase,
  name: Server,
  pick: Pick,
  given: readonly Shown[],
): Promise<void> {
  const shown = given.map((task) => Object.fromEntries(FIELDS.map((field) => [field, task[field]])))
  const [first] = given
  const written = pick.work === 'create' || pick.work === 'update'
  const expected = written ? await tasksOf(database, pick.user.id, [first?.id ?? '']) : await asked(database, pick)
  deepStrictEqual(shown, expected, `${name} gave something else than ${pick.work} asked for`)
  if (!written) return
  const title = pick.work === 'create' ? pick.draft.title : pick.changes.title
  deepStrictEqual(first?.title, title, `${name} acknowledged ${pick.work}, and the table does not hold it`)
  if (!RECORDING.includes(name)) return
  const recorded = await database.sql`
    select from tw.changes c join tw.mutations m using (space_id, mutation_id)
    where c.space_id = ${pick.user.id} and c.mutation_id = ${pick.mutationId} and c.entity_id = ${first?.id ?? ''}`
  ok(recorded.length === 1, `${name} keeps no Change or no reply of ${pick.work}`)
}

async function tasksOf({ sql }: BenchDatabase, user: string, ids: readonly string[]): Promise<Shown[]> {
  return [
    ...(await sql<Shown[]>`
      select t.id, t.space_id as "spaceId", t.title, t.description, t.complete, t.tags
      from unnest(${ids}::uuid[]) with ordinality w(id, nr) join tw.tasks t on t.space_id = ${user} and t.id = w.id
      order by w.nr`),
  ]
}

async function asked(database: BenchDatabase, pick: Pick): Promise<Shown[]> {
  switch (pick.work) {
    case 'get':
      return await tasksOf(database, pick.user.id, [pick.id])
    case 'batch':
      return await tasksOf(database, pick.user.id, pick.ids)
    case 'list':
    case 'page':
    case 'search': {
      // From behind a key, or from the beginning.
      const after = pick.work === 'page' ? pick.after : { createdAt: '9999-01-01', id: pick.user.id }
      const words = pick.work === 'search' ? pick.words : []
      const rows = await database.sql<Shown[]>`
        select t.id, t.space_id as "spaceId", t.title, t.description, t.complete, t.tags from tw.tasks t
        where t.space_id = ${pick.user.id} and t.deleted_at is null and (t.created_at, t.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)
          and not exists (select from unnest(${words}::text[]) word
            where strpos(concat_ws(' ', t.title, lower(t.description)), word) = 0)
        order by t.created_at desc, t.id desc limit ${PAGE}`
      // A question without an answer would be answered rightly by one that finds nothing.
      ok(
        pick.work !== 'search' || rows.length > 0 || database.model.tasks < 100_000,
        `nothing to find for ${words.join(' ')}`,
      )
      return [...rows]
    }
    default:
      return []
  }
}
