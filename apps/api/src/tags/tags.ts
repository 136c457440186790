import { type Affected, type Page, type PageInput, type TagCount, type TagRename, textKey } from '@taskwire/contract'
import { prepare, type Row, sql } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { fromCursor, pageOf } from '../cursor.ts'
import { effect, mutate, readAs, recordValues } from '../effect.ts'
import { changeTasks } from '../tasks/change-tasks.ts'

// A tag is shown as it was spelled last.
const page = prepare<'behind' | 'most'>(
  (p) => sql`select k.key, (array_agg(t.tags[k.nr] order by t.revision desc))[1] as tag, count(*) as count
    from tw.tasks t cross join unnest(t.tag_keys) with ordinality k(key, nr)
    where t.space_id = tw.space() and t.deleted_at is null and k.key collate "C" > ${p('behind')}
    group by k.key order by k.key collate "C" limit ${p('most')}::int`,
)

export async function listTags(ctx: CallContext, input: PageInput & { limit: number }): Promise<Page<TagCount>> {
  const question = 'tags.list'
  const cursor = fromCursor(question, input.cursor, [/^[^]{1,400}$/])
  const [behind = ''] = cursor?.key ?? []
  const { spaceId, rows } = await readAs(ctx, page.with({ behind, most: input.limit + 1 }), cursor)
  const keyOf = (last: Row): string[] => [String(last['key'])]
  const { items, nextCursor } = pageOf(rows, { question, spaceId, limit: input.limit, keyOf })
  return { items: items.map((row) => ({ tag: String(row['tag']), count: Number(row['count']) })), nextCursor }
}

// In place of the old tag stands the new one, unless the task has that already.
const rename = effect<'from' | 'to' | 'toKey'>((p) =>
  changeTasks(p, {
    found: sql`select t, t.ctid as spot, row_number() over (order by t.created_at, t.id) as ord, (
        select jsonb_build_object('tags', jsonb_agg(k.tag order by k.nr), 'tagKeys', jsonb_agg(k.key order by k.nr))
        from (
          select distinct on (key) key, tag, nr from (
            select case when u.key in (${p('from')}, ${p('toKey')}) then ${p('toKey')}::text else u.key end as key,
              case when u.key in (${p('from')}, ${p('toKey')}) then ${p('to')}::text else u.tag end as tag, u.nr
            from unnest(t.tags, t.tag_keys) with ordinality u(tag, key, nr)
          ) renamed order by key, nr
        ) k
      ) as patch
      from tw.tasks t where t.space_id = tw.space() and t.tag_keys @> array[${p('from')}::text]`,
    reply: 'count',
  }),
)

/** On every task that has it, those in the trash too. */
export async function renameTag(ctx: CallContext, input: TagRename): Promise<Affected> {
  const values = { from: textKey(input.from), to: input.to, toKey: textKey(input.to) }
  return await mutate<Affected>(ctx, rename.with({ ...values, ...recordValues(ctx) }))
}
