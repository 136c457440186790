import { type TaskChanges, textKey } from '@taskwire/contract'

/** Fields of a task as tw.changed_task() takes them: with the keys of its tags, which the database cannot make. */
export function patchOf(fields: TaskChanges): string {
  return JSON.stringify(fields.tags === undefined ? fields : { ...fields, tag_keys: fields.tags.map(textKey) })
}
