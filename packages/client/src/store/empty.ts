import {
  type ContentOf,
  type Field,
  LIST_FIELDS,
  type ListContent,
  TASK_FIELDS,
  type TaskContent,
} from '@taskwire/contract/fields'
import type { RowEntry, Rows } from './rows.ts'

/** Returns the values that the fields have if the caller gives none. */
function emptyContent<T extends Record<string, Field>>(fields: T): ContentOf<T> {
  const values = Object.entries(fields).map(([name, field]) => [name, emptyValue(field)])
  // emptyValue() returns a value of the field's kind.
  return Object.fromEntries(values) as ContentOf<T>
}

function emptyValue(field: Field): unknown {
  if ('nullable' in field) return null
  switch (field.kind) {
    case 'line':
    case 'text':
      return ''
    case 'flag':
      return false
    case 'priority':
      return 'none'
    case 'tags':
      return []
    case 'due':
      return null
  }
}

export const EMPTY_TASK: TaskContent = emptyContent(TASK_FIELDS)
export const EMPTY_LIST: ListContent = emptyContent(LIST_FIELDS)

/** Returns a row with the fields that it lacks, if it was read by an older contract. */
export function withDefaults<E extends RowEntry>(entry: E): E {
  if (entry.row === null) return entry
  return { ...entry, row: { ...(entry.entity === 'task' ? EMPTY_TASK : EMPTY_LIST), ...entry.row } }
}

/** Adds the fields that the rows lack. */
export function addDefaults({ task, list }: Rows): void {
  for (const [id, row] of task) task.set(id, { ...EMPTY_TASK, ...row })
  for (const [id, row] of list) list.set(id, { ...EMPTY_LIST, ...row })
}
