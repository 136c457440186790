import {
  type Affected,
  LIMITS,
  type Page,
  type PageInput,
  type TagCount,
  type TagRename,
  textKey,
} from '@taskwire/contract'
import { mutationFunction, query, type Row } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf } from '../cursor.ts'
import type { RawJson } from '../raw-json.ts'
import { mutate } from '../mutate.ts'
import { readAs } from '../read.ts'

const page = query('tags.list', ['after', 'most'])

export async function listTags(ctx: CallContext, input: PageInput & { limit: number }): Promise<Page<TagCount>> {
  const queryId = 'tags.list'
  const cursor = fromCursor(queryId, input.cursor, [/^[^]{1,400}$/])
  const [after = ''] = cursor?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ after, most: input.limit + 1 }), cursor)
  const keyOf = (last: Row): string[] => [String(last['key'])]
  const { items, nextCursor } = pageOf(rows, { queryId, spaceId, limit: input.limit, keyOf })
  return { items: items.map((row) => ({ tag: String(row['tag']), count: Number(row['count']) })), nextCursor }
}

const rename = mutationFunction('rename_tag', {
  from_key: 'text',
  to_tag: 'text',
  to_key: 'text',
  most_rows: 'integer',
})

/** Renames a tag on every task that has it, including tasks in the trash. */
export async function renameTag(ctx: CallContext, { from, to }: TagRename): Promise<RawJson<Affected>> {
  const values = { from_key: textKey(from), to_tag: to, to_key: textKey(to) }
  return await mutate(ctx, rename.with({ ...values, most_rows: LIMITS.tasksPerMutation }))
}
