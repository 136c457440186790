import type { Task, TaskMove } from '@taskwire/contract'
import { sql, type SQL } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, mutate, type Param, recordValues } from '../effect.ts'
import { invalid } from '../errors.ts'
import { changeTasks } from './change-tasks.ts'
import { withRoom } from './spread.ts'

type Name = 'id' | 'elsewhere' | 'list' | 'placed' | 'after' | 'expected'
const noList = (p: Param<'list'>): SQL =>
  sql`(${p('list')}::uuid is not null and not exists (select from tw.lists l where l.space_id = tw.space() and l.id = ${p('list')}::uuid))`

const move = effect<Name>((p) =>
  changeTasks(p, {
    patches: sql`select a.id, 1::bigint as ord, case when m.id is not null then jsonb_build_object(
          'listId', m.target, 'position', (tw.place_tasks(m.target, ${p('placed')}::boolean, ${p('after')}::uuid, m.id, 1))[1]
        ) end as patch
      from (select ${p('id')}::uuid as id) a left join (
        select t.id, case when ${p('elsewhere')}::boolean then ${p('list')}::uuid else t.list_id end as target
        from tw.tasks t where t.space_id = tw.space() and t.id = ${p('id')}::uuid and t.deleted_at is null
          -- A conflict is told before a place that is not there.
          and (${p('expected')}::bigint is null or t.revision = ${p('expected')}::bigint)
          and not ${noList(p)}
      ) m on true`,
    refusals: sql`select 4, 'no_list', null where ${noList(p)}`,
    refuseTrash: true,
    expected: p('expected'),
    reply: 'task',
  }),
)

export async function moveTask(ctx: CallContext, input: TaskMove): Promise<Task> {
  const { id, listId, after, expectedRevision = null } = input
  if (after === id) throw invalid('after', 'is the task itself; name another task, or null for first')
  const values = {
    id,
    elsewhere: listId !== undefined,
    list: listId ?? null,
    placed: after !== undefined,
    after: after ?? null,
  }
  return await withRoom(
    ctx,
    [after],
    async (expected) => await mutate<Task>(ctx, move.with({ ...values, expected, ...recordValues(ctx) })),
    { id, expected: expectedRevision },
  )
}
