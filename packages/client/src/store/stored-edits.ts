import type { Meta, Writing } from './database.ts'
import { type Edit, rebase } from './edit.ts'

/** An edit before it has its place in the queue. */
export type NewEdit = Edit extends infer E ? (E extends Edit ? Omit<E, 'order'> : never) : never

/** Adds an edit to the end of the queue. Returns its order. */
export async function addEdit(tx: Writing, { seq }: Meta, edit: NewEdit): Promise<number> {
  // IndexedDB sets the order. The type requires one.
  return await tx.objectStore('edits').add({ ...edit, seq } as Edit & { seq: number })
}

/** Returns the edits that were written after the view was read, which was up to `seq`. */
export async function editsAfter(tx: Writing, seq: number): Promise<Edit[]> {
  return await tx.objectStore('edits').index('seq').getAll(IDBKeyRange.lowerBound(seq, true))
}

/**
 * Returns the base of a new edit, of which a view of this `seq` and these `edits` was shown: what has become of earlier
 * edits since, the user has not seen.
 */
export async function baseAfter(
  tx: Writing,
  { seq, edits }: { seq: number; edits: readonly Edit[] },
  edit: NewEdit,
): Promise<Edit['base']> {
  // It comes after all others.
  let added: Edit = { ...edit, order: Infinity }
  for (const earlier of await editsAfter(tx, seq)) {
    if (earlier.state !== 'done' || earlier.written === undefined) continue
    const later = [...edits.filter(({ order }) => order > earlier.order), added]
    added = rebase(earlier, earlier.written, later).find(({ order }) => order === Infinity) ?? added
  }
  return added.base
}

/** Changes edits by their orders. `change` gets each as it is stored now, and returns undefined to leave it so. */
export async function changeEdits(
  tx: Writing,
  { seq }: Meta,
  orders: readonly number[],
  change: (edit: Edit) => Edit | undefined,
): Promise<void> {
  for (const order of orders) {
    const edit = await tx.objectStore('edits').get(order)
    const changed = edit && change(edit)
    if (changed !== undefined) await tx.objectStore('edits').put({ ...changed, seq })
  }
}
