import { type ExportInput, type ExportPage, LIMITS } from '@taskwire/contract'
import { query } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { type PageStart, fromCursor, toCursor, UUID_SHAPE } from '../cursor.ts'
import { RawJson } from '../raw-json.ts'
import { readAs } from '../read.ts'

const page = query('me.export', ['list', 'task', 'change', 'key', 'up_to'])

const QUERY_ID = 'me.export'
const REVISION = /^\d{1,16}$/
const SHAPES = [UUID_SHAPE, UUID_SHAPE, REVISION, UUID_SHAPE, REVISION]
const NIL = '00000000-0000-0000-0000-000000000000'

/** One page of all the caller's data. */
export async function exportMe(ctx: CallContext, { cursor }: ExportInput): Promise<RawJson<ExportPage>> {
  const start: PageStart | undefined = cursor == null ? undefined : fromCursor(QUERY_ID, cursor, SHAPES)
  const [list = NIL, task = NIL, change = '0', key = NIL, upTo = null] = start?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ list, task, change, key, up_to: upTo }), start)
  const row = rows[0] ?? {}
  const last = [
    row['last_list'] ?? list,
    row['last_task'] ?? task,
    row['last_change'] ?? change,
    row['last_key'] ?? key,
    row['up_to'],
  ].map(String)
  // If the last page is full, an empty one follows.
  const nextCursor = row['rows'] === LIMITS.exportPage ? toCursor(QUERY_ID, spaceId, last) : null
  const fields = (['account', 'lists', 'tasks', 'changes', 'keys', 'revision'] as const).map(
    (name) => `"${name}":${String(row[name])}`,
  )
  return new RawJson(`{${fields.join()},"nextCursor":${JSON.stringify(nextCursor)}}`)
}
