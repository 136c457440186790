import type { Change } from '@taskwire/client'
import { nameOfField } from '../calls/field-names.ts'
import { capital } from '../tasks/words.ts'
import { isNothing, quoted } from '../undecided/describe-edit.ts'
import { describeValue, type Known } from '../undecided/describe-value.ts'

const DONE: Partial<Record<string, string>> = {
  create: 'Added',
  complete: 'Completed',
  reopen: 'Reopened',
  delete: 'Moved to the trash',
  restore: 'Restored',
  purge: 'Erased',
}

/** Says what a Change did, in the words of the page. */
export function describeChange({ action, after }: Change, known: Known): string {
  const done = DONE[action]
  if (done !== undefined) return done
  const values = Object.entries(after ?? {}).filter(([field]) => !DERIVED.includes(field))
  // Of a task that was erased, no fields are left.
  if (values.length === 0) return action === 'move' ? 'Moved' : 'Changed'
  return capital(values.map(([field, value]) => describeField(field, value, known)).join(', '))
}

function describeField(field: string, value: unknown, known: Known): string {
  if (field === 'listId' && value === null) return 'moved to the inbox'
  const name = nameOfField(field).toLowerCase()
  if (isNothing(value)) return `removed the ${name}`
  const written = quoted(describeValue(field, value, known))
  return field === 'listId' ? `moved to the list ${written}` : `set the ${name} to ${written}`
}

/** Fields that follow from others. */
const DERIVED = ['completedAt', 'dueAt', 'position']
