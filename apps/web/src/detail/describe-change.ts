import type { Change } from '@taskwire/client'
import { nameOfField } from '../calls/field-names.ts'
import { quoted } from '../undecided/describe-edit.ts'
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
  const [first] = values
  if (action === 'move') return first === undefined ? 'Moved' : `Moved to ${quoted(describeValue(...first, known))}`
  // Of a task that was erased, no fields are left.
  if (first === undefined) return 'Changed'
  const all = values.map(
    ([field, value]) => `the ${nameOfField(field).toLowerCase()} to ${quoted(describeValue(field, value, known))}`,
  )
  return `Changed ${all.join(', ')}`
}

/** Fields that follow from others. */
const DERIVED = ['completedAt', 'dueAt', 'position']
