import type { Meta, Writing } from './database.ts'
import type { Edit } from './edit.ts'

/** An edit before it has its place in the queue. */
export type NewEdit = Edit extends infer E ? (E extends Edit ? Omit<E, 'order'> : never) : never

/** Adds an edit to the end of the queue. Returns its order. */
export async function addEdit(tx: Writing, { seq }: Meta, edit: NewEdit): Promise<number> {
  // IndexedDB sets the order. The type requires one.
  return await tx.objectStore('edits').add({ ...edit, seq } as Edit & { seq: number })
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
