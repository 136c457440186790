import type { TagCount } from '@taskwire/contract/replies'
import type { Task } from '@taskwire/contract/task'
import { textKey } from '@taskwire/contract/text-key'
import { compareCodePoints } from './compare-texts.ts'

/** How often a tag occurs, and the latest revision of a task that has it. */
interface Uses {
  count: number
  revision: number
}

/**
 * Returns the tags of the tasks that are not in the trash, as `tags.list` does: in the order of their keys, each as it
 * is spelled in the task with the latest revision.
 */
export function tagCounts(tasks: Iterable<Task>): TagCount[] {
  const byKey = new Map<string, Uses & { tag: string }>()
  for (const [tag, { count, revision }] of spellings(tasks)) {
    const key = textKey(tag)
    const other = byKey.get(key) ?? { tag, count: 0, revision }
    const latest = revision > other.revision ? { tag, revision } : other
    byKey.set(key, { tag: latest.tag, revision: latest.revision, count: other.count + count })
  }
  return [...byKey].sort(([a], [b]) => compareCodePoints(a, b)).map(([, { tag, count }]) => ({ tag, count }))
}

/** Counts each spelling first, since its key takes longer. */
function spellings(tasks: Iterable<Task>): Map<string, Uses> {
  const uses = new Map<string, Uses>()
  for (const { tags, deletedAt, revision } of tasks)
    if (deletedAt === null)
      for (const tag of tags) {
        const known = uses.get(tag)
        if (known === undefined) uses.set(tag, { count: 1, revision })
        else {
          known.count++
          known.revision = Math.max(known.revision, revision)
        }
      }
  return uses
}
