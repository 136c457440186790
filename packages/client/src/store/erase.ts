import type { Work } from './database.ts'
import { StoreError } from './store-error.ts'

/** Lets no tab store anything more. Throws if there are edits that the service has not got. */
export const eraseSent: Work = async (tx, meta) => {
  const edits = await tx.objectStore('edits').getAll()
  const count = edits.filter(({ state }) => state !== 'applied' && state !== 'done').length
  if (count > 0)
    throw new StoreError(
      'UNSENT',
      `The service has not got ${count} of the edits; wait until the pending ones are sent, decide about the refused ones and those in conflict, or erase with { unsent: 'discard' }`,
    )
  meta.isErased = true
}
