import type { Counts, Task, TaskCountInput } from '@taskwire/contract'
import { composedQuery, fill, query, readQueryFile } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { notFound } from '../errors.ts'
import { read } from '../read.ts'
import { clockOf } from './due-filter.ts'
import { filterConditions } from './filter.ts'
import { allOf, clauses } from './filter-clauses.ts'

const byId = query('tasks.get', ['id'])
const counts = readQueryFile('tasks.count')

export async function getTask(ctx: CallContext, { id }: { id: string }): Promise<Task> {
  const [row] = await read(ctx, byId.with({ id }))
  if (row === undefined) throw notFound('id')
  return row['task'] as Task
}

export async function countTasks(ctx: CallContext, { filter, timeZone }: TaskCountInput): Promise<Counts> {
  const { names, values } = filterConditions(filter, clockOf(timeZone))
  const text = fill(counts.text, { overdue: clauses.overdue, filter: allOf(names) })
  const [row] = await read(ctx, composedQuery('tasks.count', text, values))
  return row as unknown as Counts
}
