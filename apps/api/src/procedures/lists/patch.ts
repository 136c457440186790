import { type ListContent, type Optional, textKey } from '@taskwire/contract'

/** Returns a list's fields as JSON for tw.changed_list(), with the key of its name, which the database cannot compute. */
export function patchOf(fields: Optional<ListContent>): string {
  return JSON.stringify(fields.name === undefined ? fields : { ...fields, name_key: textKey(fields.name) })
}
