import type { RefusedEdit } from '@taskwire/client/store'
import { nameOfField } from '../calls/field-names.ts'

/** Why an edit was refused. */
export interface Reason {
  /** The field of the task or list that another value would mend; undefined if no value would. */
  field?: string | undefined
  text: string
  /** It would be refused again whatever is done. */
  isFinal?: true
}

/** Says why an edit was refused, field by field, as the user of a page understands it. */
export function reasonsOf({ refusal, procedure }: Pick<RefusedEdit, 'refusal' | 'procedure'>): Reason[] {
  const isTask = procedure.startsWith('tasks.')
  const row = isTask ? 'The task' : 'The list'
  switch (refusal.appCode) {
    case 'VALIDATION':
      return refusal.fields.map(({ path, message }) => invalid(path, message))
    case 'NOT_FOUND':
      return refusal.fields.map(({ path }) => missing(fieldOf(path), row))
    case 'ALREADY_EXISTS':
      return [
        isTask
          ? { text: 'The task is there already.', isFinal: true }
          : { field: 'name', text: 'Another list has this name.' },
      ]
    case 'IN_TRASH':
      return [{ text: 'The task is in the trash. Restore it, then send this again.' }]
    case 'LIMIT_EXCEEDED':
      return [{ text: `This is more than the service allows: ${refusal.message}` }]
    case 'FORBIDDEN':
      return [{ text: 'You are not allowed to change this.' }]
    default:
      return [{ text: refusal.message }]
  }
}

function invalid(path: string, message: string): Reason {
  const field = fieldOf(path)
  const isOfTags = field === 'tags'
  const name = isOfTags ? (/\d/.test(path) ? 'A tag' : 'The task') : field === undefined ? 'This' : nameOfField(field)
  return { field, text: `${name} ${message}.` }
}

function missing(field: string | undefined, row: string): Reason {
  switch (field) {
    case 'listId':
      return { field, text: 'The list was deleted. Choose another one.' }
    case 'after':
      return { field, text: 'What it was placed after is gone. Sent again, it goes to the top.' }
    default:
      return { text: `${row} is gone: it was erased elsewhere.`, isFinal: true }
  }
}

/** Fields that take another value. */
const MENDABLE = ['title', 'description', 'priority', 'tags', 'due', 'listId', 'name', 'after']

/** Returns the field of a path, such as `tags` of `changes.tags.3`. */
function fieldOf(path: string): string | undefined {
  return path.split('.').find((part) => MENDABLE.includes(part))
}
