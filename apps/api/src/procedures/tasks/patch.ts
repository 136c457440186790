import { type TaskChanges, textKey } from '@taskwire/contract'

/** Returns a task's fields as JSON for tw.changed_task(), with the keys of its tags, which the database cannot compute. */
export function patchOf(fields: TaskChanges): string {
  return JSON.stringify(fields.tags === undefined ? fields : { ...fields, tag_keys: fields.tags.map(textKey) })
}
