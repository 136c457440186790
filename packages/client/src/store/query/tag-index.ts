import type { TagCount } from '@taskwire/contract/replies'
import type { Task } from '@taskwire/contract/task'
import { textKey } from '@taskwire/contract/text-key'
import { compareCodePoints } from './compare-texts.ts'

/** The tags of some tasks, which can be brought up to date task by task. */
export interface TagIndex {
  /**
   * Takes a change of a task into account; undefined: there is none. Returns false if the index has to be made anew,
   * since the spelling of a tag came from this task, and the next best is not known.
   */
  replace(old: Task | undefined, now: Task | undefined): boolean
  /** Returns the tags in the order of their keys, each as it is spelled in the task with the latest revision. */
  counts(): TagCount[]
}

interface Tag extends TagCount {
  /** The task from which the spelling is, and its revision. */
  id: string
  revision: number
}

export function createTagIndex(): TagIndex {
  const byKey = new Map<string, Tag>()
  return {
    replace(old, now) {
      const kept = new Set(tagsOf(now).map(textKey))
      for (const key of tagsOf(old).map(textKey)) {
        const known = byKey.get(key)
        if (known === undefined) continue
        known.count--
        if (known.count === 0) byKey.delete(key)
        else if (known.id === old?.id && !kept.has(key)) return false
      }
      if (now === undefined) return true
      const { id, revision } = now
      for (const tag of tagsOf(now)) {
        const key = textKey(tag)
        const known = byKey.get(key)
        if (known === undefined) byKey.set(key, { tag, count: 1, id, revision })
        else {
          known.count++
          if (known.id === id || revision > known.revision) Object.assign(known, { tag, id, revision })
        }
      }
      return true
    },
    counts: () => [...byKey].sort(([a], [b]) => compareCodePoints(a, b)).map(([, { tag, count }]) => ({ tag, count })),
  }
}

const tagsOf = (task: Task | undefined): readonly string[] => (task?.deletedAt === null ? task.tags : [])
