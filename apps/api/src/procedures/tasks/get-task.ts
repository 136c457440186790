import type { Counts, Task, TaskCountInput } from '@taskwire/contract'
import { composedQuery, fill, query, readQueryFile } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { notFound } from '../../errors.ts'
import { RawJson } from '../raw-json.ts'
import { read } from '../read.ts'
import { clockOf } from './due-filter.ts'
import { filterText, filterValues } from './filter.ts'
import { clauses } from './filter-clauses.ts'

const byId = query('tasks.get', ['id'], { isShort: true })
const counts = readQueryFile('tasks.count').text

export async function getTask(ctx: CallContext, { id }: { id: string }): Promise<RawJson<Task>> {
  const [row] = await read(ctx, byId.with({ id }))
  if (row === undefined) throw notFound('id')
  return new RawJson(String(row['task']))
}

export async function countTasks(ctx: CallContext, { filter, timeZone }: TaskCountInput): Promise<Counts> {
  const text = fill(counts, { overdue: clauses.overdue, filter: filterText(filter) })
  const [row] = await read(ctx, composedQuery('tasks.count', text, filterValues(filter, clockOf(timeZone))))
  return row as unknown as Counts
}
