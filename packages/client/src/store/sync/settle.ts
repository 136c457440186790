import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import type { Meta, Writing } from '../database.ts'
import { type Edit, type EditState, entityOf, rebase, withState } from '../edit.ts'
import type { RowEntry } from '../rows.ts'
import { changeEdits, editsAfter } from '../stored-edits.ts'
import { putRows } from '../stored-rows.ts'
import type { SyncContext } from './context.ts'

/** What became of an edit that was sent. */
export interface Outcome {
  /** The edit's new state. */
  state: EditState
  /** The row as the service has it now, if the reply has it. */
  row?: Task | List | undefined
}
/** Records what became of an edit, and puts the row of the reply into the mirror. */
export async function settle({ view, write }: SyncContext, edit: Edit, { state, row }: Outcome): Promise<void> {
  const { id } = edit.input
  await write(async (tx, meta) => {
    // Another tab may have added edits that this one has not read yet.
    const edits = [...view.edits, ...(await editsAfter(tx, view.meta.seq))]
    const later = edits.filter((next) => next.order > edit.order)
    const settled = settledState(state, row, meta)
    await changeEdits(tx, meta, [edit.order], (stored) => withState(stored, settled))
    if (row === undefined) return
    const entity = entityOf(edit.procedure)
    const known = view.mirror[entity].get(id)
    // The row is of the edit's entity: it is the reply to the edit, or the error's current row.
    const entry = { entity, id, row } as RowEntry
    // Up to `after`, the mirror has all Changes, also the one that has deleted the row since.
    const isNew = row.revision > (meta.after ?? -1)
    if (isNew && (known === undefined || known.revision < row.revision)) await putRows(tx, meta, [entry])
    if (state.state !== 'done') return
    const rebased = new Map(rebase(edit, row, later).map((next) => [next.order, next.base]))
    await changeEdits(tx, meta, [...rebased.keys()], (stored) => {
      const base = rebased.get(stored.order)
      return base && { ...stored, base }
    })
  })
}

function settledState(state: EditState, row: Outcome['row'], meta: Meta): EditState {
  if (isShown(state, meta)) return { state: 'done' }
  return state.state === 'done' && row !== undefined ? { ...state, written: row } : state
}

/** True if the service has applied the edit and the mirror shows it. */
const isShown = (edit: EditState, { after }: Meta): boolean =>
  edit.state === 'applied' && edit.revision <= (after ?? -1)

/** Ends the edits that the service has applied and that the mirror now shows. */
export async function endApplied(tx: Writing, meta: Meta, edits: readonly Edit[]): Promise<void> {
  const shown = edits.filter((edit) => isShown(edit, meta))
  await changeEdits(
    tx,
    meta,
    shown.map(({ order }) => order),
    (edit) => withState(edit, { state: 'done' }),
  )
}
