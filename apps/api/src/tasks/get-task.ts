import type { Counts, Task, TaskCountInput } from '@taskwire/contract'
import { prepare, sql, statement } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../effect.ts'
import { notFound } from '../errors.ts'
import { clockOf, overdue } from './due-filter.ts'
import { filterTasks } from './filter.ts'

const byId = prepare<'id'>(
  (p) => sql`select tw.task_json(t) as task from tw.tasks t where t.space_id = tw.space() and t.id = ${p('id')}::uuid`,
)

export async function getTask(ctx: CallContext, { id }: { id: string }): Promise<Task> {
  const [row] = await read(ctx, byId.with({ id }))
  if (row === undefined) throw notFound('id')
  return row['task'] as Task
}

export async function countTasks(ctx: CallContext, { filter, timeZone }: TaskCountInput): Promise<Counts> {
  const clock = clockOf(timeZone)
  const [row] = await read(
    ctx,
    statement(sql`select count(*) as total, count(*) filter (where not t.complete) as open, count(*) filter (where t.complete) as complete,
        count(*) filter (where ${overdue(clock)}) as overdue
      from tw.tasks t where ${filterTasks(filter, clock)}`),
  )
  return row as unknown as Counts
}
