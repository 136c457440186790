import { randomUUID } from 'node:crypto'
import type { Logins } from './logins.ts'

/** A tw.mutation, the first in its space. */
export const MUTATION = `(,,,user,,,,request,0,2100-01-01,f,)`

export interface Placed {
  id: string
  position: string
  list: string | null
}

export async function addTask(
  { admin }: Logins,
  space: string,
  at: string,
  listId: string | null = null,
  more: { trashed?: boolean } = {},
): Promise<string> {
  const id = randomUUID()
  await admin`insert into tw.tasks (space_id, id, list_id, title, position, revision, created_at, updated_at, deleted_at)
    values (${space}, ${id}, ${listId}, 'Task', ${at}, 1, now(), now(), ${more.trashed === true ? '2026-01-01' : null})`
  return id
}

export async function addList({ admin }: Logins, space: string, at: string): Promise<string> {
  const id = randomUUID()
  await admin`insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
    values (${space}, ${id}, ${id}, ${id}, ${at}, 1, now(), now())`
  return id
}

/** Returns the positions for `n` tasks after `after` (undefined: last) in a list of the login's space. */
export async function placeTask(
  { app }: Logins,
  listId: string | null,
  after: string | null | undefined,
  self: string | null = null,
  { n = 1, most = 10_000 } = {},
): Promise<string[]> {
  const [row] = await app<{ places: string[] }[]>`select to_json(p.positions) places
    from (select case when ${after === undefined} then tw.last_task(tw.space(), ${listId}, ${self}) else ${after ?? null} end as id) after,
      tw.place_tasks(tw.space(), ${MUTATION}, ${listId}, after.id, ${self}, ${n}, ${most}) p`
  return row?.places ?? []
}
