import type { RefusedEdit } from '@taskwire/client/store'
import { nameOfField } from '../calls/field-names.ts'
import { describeValue, type Known } from './describe-value.ts'

/** The part of an edit that says what the user wanted. */
export type Wanted = {
  [E in RefusedEdit as E['procedure']]: Pick<E, 'procedure' | 'input' | 'title'>
}[RefusedEdit['procedure']]

/** Says what the user wanted by an edit: `Change the title of “Buy milk” to “Buy oat milk”`. */
export function describeEdit({ procedure, input, title }: Wanted, known: Known): string {
  const row = quoted(title)
  switch (procedure) {
    case 'tasks.create':
      return `Add the task ${row}`
    case 'tasks.update':
      return describeChanges(input.changes, row, known)
    case 'tasks.move':
      return input.listId === undefined
        ? `Move ${row} to another place in its list`
        : `Move ${row} to ${input.listId === null ? 'the inbox' : `the list ${quoted(describeValue('listId', input.listId, known))}`}`
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
        : `Rename the list ${row} to ${quoted(input.changes.name)}`
    case 'lists.delete':
      return `Delete the list ${row}, and move its tasks to the ${input.tasks}`
  }
}

function describeChanges(changes: object, row: string, known: Known): string {
  const all = Object.entries(changes)
  const [only] = all
  if (only === undefined || all.length > 1)
    return `Change ${conjunction.format(all.map(([field]) => `the ${nameOfField(field).toLowerCase()}`))} of ${row}`
  const [field, value]: [string, unknown] = only
  const name = nameOfField(field).toLowerCase()
  if (field === 'complete') return `${value === true ? 'Complete' : 'Reopen'} ${row}`
  if (isNothing(value)) return `Remove the ${name} of ${row}`
  return `Change the ${name} of ${row} to ${quoted(describeValue(field, value, known))}`
}

// The sentence is English, whatever the language of the browser.
const conjunction = new Intl.ListFormat('en-GB')

export const isNothing = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0)

/** Characters of a text that are shown. The whole text is in the field that mends it. */
const SHOWN = 80

/** Puts a text of the user into a sentence: shortened, and with marks around it that isolate its direction. */
export function quoted(text: string): string {
  const characters = [...text]
  const shown = characters.length > SHOWN ? `${characters.slice(0, SHOWN).join('').trimEnd()}…` : text
  return `“\u2068${shown}\u2069”`
}
