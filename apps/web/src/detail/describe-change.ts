import type { Change } from '@taskwire/client'

const DONE: Partial<Record<string, string>> = {
  create: 'Added',
  complete: 'Completed',
  reopen: 'Reopened',
  move: 'Moved',
  delete: 'Moved to the trash',
  restore: 'Restored',
  purge: 'Erased',
}

/** Says what a Change did, in the words of the page. */
export function describeChange({ action, after }: Change): string {
  const done = DONE[action]
  if (done !== undefined) return done
  const fields = Object.keys(after ?? {}).filter((field) => !DERIVED.includes(field))
  // Of a task that was erased, no fields are left.
  if (fields.length === 0) return 'Changed'
  return `Changed ${fields.map((field) => `the ${NAMES[field] ?? field}`).join(', ')}`
}

/** Fields that follow from others. */
const DERIVED = ['completedAt', 'dueAt', 'position']
const NAMES: Partial<Record<string, string>> = { listId: 'list', due: 'due date' }
