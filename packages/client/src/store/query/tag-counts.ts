import type { TagCount } from '@taskwire/contract/replies'
import type { Task } from '@taskwire/contract/task'
import { createTagIndex } from './tag-index.ts'

/** Returns the tags of the tasks that are not in the trash, as `tags.list` does. */
export function tagCounts(tasks: Iterable<Task>): TagCount[] {
  const index = createTagIndex()
  for (const task of tasks) index.replace(undefined, task)
  return index.counts()
}
