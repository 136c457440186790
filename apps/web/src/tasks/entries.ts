import type { Task } from '@taskwire/client'

/** A row of a list: a task, or the date above tasks. */
export type Entry =
  | { key: string; task: Task; row: number; date?: undefined }
  | { key: string; task?: undefined; date: string }

/** Returns the rows of a list. With dates, the tasks must be in the order of their dues. */
export function entriesOf(tasks: readonly Task[], isByDate: boolean): Entry[] {
  const entries: Entry[] = []
  let last: string | undefined
  for (const [index, task] of tasks.entries()) {
    const date = task.due?.date
    if (isByDate && date !== undefined && date !== last) entries.push({ key: date, date })
    last = date
    entries.push({ key: task.id, task, row: index + 1 })
  }
  return entries
}
