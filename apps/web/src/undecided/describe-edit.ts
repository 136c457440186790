import type { List } from '@taskwire/client'
import type { RefusedEdit } from '@taskwire/client/store'
import { nameOfField } from '../calls/field-names.ts'
import { describeValue } from './describe-value.ts'

/** The part of an edit that says what the user wanted. */
export type Wanted = {
  [E in RefusedEdit as E['procedure']]: Pick<E, 'procedure' | 'input' | 'title'>
}[RefusedEdit['procedure']]

/** Says what the user wanted by an edit: `Change the title of “Buy milk” to “Buy oat milk”`. */
export function describeEdit({ procedure, input, title }: Wanted, lists: readonly List[]): string {
  const row = `“${shortened(title)}”`
  switch (procedure) {
    case 'tasks.create':
      return `Add the task ${row}`
    case 'tasks.update':
      return describeChanges(input.changes, row, lists)
    case 'tasks.move':
      return input.listId === undefined
        ? `Move ${row} to another place in its list`
        : `Move ${row} to ${input.listId === null ? 'the inbox' : `the list “${describeValue('listId', input.listId, lists)}”`}`
    case 'tasks.delete':
      return `Move ${row} to the trash`
    case 'tasks.restore':
      return `Restore ${row}`
    case 'tasks.purge':
      return `Erase ${row} for good`
    case 'lists.create':
      return `Add the list ${row}`
    case 'lists.update':
      return input.changes.name === undefined
        ? `Move the list ${row}`
        : `Rename the list ${row} to “${shortened(input.changes.name)}”`
    case 'lists.delete':
      return `Delete the list ${row}, and move its tasks to the ${input.tasks}`
  }
}

function describeChanges(changes: object, row: string, lists: readonly List[]): string {
  const all = Object.entries(changes)
  const [only] = all
  if (only === undefined || all.length > 1)
    return `Change ${all.map(([field]) => nameOfField(field).toLowerCase()).join(', ')} of ${row}`
  const [field, value]: [string, unknown] = only
  if (field === 'complete') return `${value === true ? 'Complete' : 'Reopen'} ${row}`
  return `Change the ${nameOfField(field).toLowerCase()} of ${row} to “${shortened(describeValue(field, value, lists))}”`
}

/** Characters of a text that are shown. The whole text is in the field that mends it. */
const SHOWN = 80

function shortened(text: string): string {
  const characters = [...text]
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join('').trimEnd()}…` : text
}
