import type { TagCount } from '@taskwire/contract/replies'
import type { Task } from '@taskwire/contract/task'
import { textKey } from '@taskwire/contract/text-key'
import { compareCodePoints } from './compare-texts.ts'

/**
 * Returns the tags of the tasks that are not in the trash, as `tags.list` does: in the order of their keys, each as it
 * is spelled in the task with the latest revision.
 */
export function tagCounts(tasks: Iterable<Task>): TagCount[] {
  const byKey = new Map<string, TagCount & { revision: number }>()
  for (const { tags, deletedAt, revision } of tasks) {
    if (deletedAt !== null) continue
    for (const tag of tags) {
      const key = textKey(tag)
      const known = byKey.get(key)
      const latest = known === undefined || revision > known.revision ? { tag, revision } : known
      byKey.set(key, { tag: latest.tag, revision: latest.revision, count: (known?.count ?? 0) + 1 })
    }
  }
  return [...byKey].sort(([a], [b]) => compareCodePoints(a, b)).map(([, { tag, count }]) => ({ tag, count }))
}
