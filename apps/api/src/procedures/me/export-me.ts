import { type ExportInput, type ExportPage, LIMITS } from '@taskwire/contract'
import { query } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { type Behind, fromCursor, toCursor, UUID_SHAPE } from '../cursor.ts'
import { RawJson } from '../raw-json.ts'
import { readAs } from '../read.ts'

const page = query('me.export', ['list', 'task', 'change', 'key', 'up_to'])

const QUESTION = 'me.export'
const REVISION = /^\d{1,16}$/
const SHAPES = [UUID_SHAPE, UUID_SHAPE, REVISION, UUID_SHAPE, REVISION]
const NIL = '00000000-0000-0000-0000-000000000000'

/** One page of all that the caller has. */
export async function exportMe(ctx: CallContext, { cursor }: ExportInput): Promise<RawJson<ExportPage>> {
  const behind: Behind | undefined = cursor == null ? undefined : fromCursor(QUESTION, cursor, SHAPES)
  const [lists = NIL, tasks = NIL, changes = '0', keys = NIL, upTo = null] = behind?.key ?? []
  const asked = page.with({ list: lists, task: tasks, change: changes, key: keys, up_to: upTo })
  const { spaceId, rows } = await readAs(ctx, asked, behind)
  const row = rows[0] ?? {}
  const last = [
    row['last_list'] ?? lists,
    row['last_task'] ?? tasks,
    row['last_change'] ?? changes,
    row['last_key'] ?? keys,
    row['up_to'],
  ].map(String)
  // A full page may have been the last one: then one without rows follows.
  const nextCursor = row['rows'] === LIMITS.exportPage ? toCursor(QUESTION, spaceId, last) : null
  const parts = (['account', 'lists', 'tasks', 'changes', 'keys', 'revision'] as const).map(
    (name) => `"${name}":${String(row[name])}`,
  )
  return new RawJson(`{${parts.join()},"nextCursor":${JSON.stringify(nextCursor)}}`)
}
