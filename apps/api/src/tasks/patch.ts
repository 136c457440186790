import { type TaskChanges, textKey } from '@taskwire/contract'

/** Changes of a task as tw.changed_task() takes them: with the keys of its tags, which the database cannot make. */
export function patchOf(changes: TaskChanges): string {
  return JSON.stringify(changes.tags === undefined ? changes : { ...changes, tagKeys: changes.tags.map(textKey) })
}
