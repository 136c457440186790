import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import type { Rows } from './rows.ts'

// Rows of the mirror are stored in pages, each a text of JSON: a browser reads few large texts far faster than many
// small records, or large records of many objects.

interface Page {
  tasks: Task[]
  lists: List[]
}

export function pageOf({ task, list }: Rows): string {
  const page: Page = { tasks: [...task.values()], lists: [...list.values()] }
  return JSON.stringify(page)
}

/** Adds the rows of a page. */
export function addPage(rows: Rows, text: string): void {
  // It was written by pageOf().
  const { tasks, lists } = JSON.parse(text) as Page
  for (const task of tasks) rows.task.set(task.id, task)
  for (const list of lists) rows.list.set(list.id, list)
}
