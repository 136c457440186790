import { CONTRACT_VERSION } from '@taskwire/contract/version'
import { v7 as uuidv7 } from 'uuid'
import type { Task } from '@taskwire/contract/task'
import type { Work } from './database.ts'
import { baseOf, type Edit, entityOf, pick, rebase, titleOf, valuesOf, type Wish, withState } from './edit.ts'
import type { Decisions } from './store-api.ts'
import { StoreError } from './store-error.ts'
import { addEdit, changeEdits } from './stored-edits.ts'
import type { ConflictingEdit, RefusedEdit } from './sync-status.ts'
import type { View } from './view.ts'

/** The part of a store that takes edits, and decisions about them. */
export interface Queue extends Decisions {
  /** Queues an edit of the row as the store shows it, or as the user has `seen` it. */
  add(wish: Wish, seen?: Task | undefined): Promise<void>
}

/** An edit that waits for the user's decision. */
type Waiting = Pick<RefusedEdit | ConflictingEdit, 'order' | 'state'>

/** `write` resolves once what it writes is on the disk, and is shown. */
export function createQueue(view: View, write: (work: Work) => Promise<void>): Queue {
  const find = ({ order, state }: Waiting): RefusedEdit | ConflictingEdit => {
    const edit = view.edits.find((one) => one.order === order)
    if (edit !== undefined && waitsForUser(edit) && edit.state === state) return edit
    const was = state === 'conflict' ? 'in conflict' : 'refused'
    throw new StoreError('NOT_FOUND', `Edit ${order} is not ${was}; it may be settled already, such as in another tab`)
  }
  /** Changes an edit and later ones, unless another tab has decided about it meanwhile. */
  const change = async (
    { order }: Edit,
    to: (edit: Edit) => Edit,
    later: readonly number[] = [],
    toLater: (edit: Edit) => Edit | undefined = to,
  ): Promise<void> => {
    await write(async (tx, meta) => {
      const stored = await tx.objectStore('edits').get(order)
      if (stored === undefined || !waitsForUser(stored)) return
      await changeEdits(tx, meta, [order], to)
      await changeEdits(tx, meta, later, toLater)
    })
  }

  async function dismiss(refused: Waiting): Promise<void> {
    const edit = find(refused)
    const later = view.edits.filter((one) => one.order > edit.order && one.input.id === edit.input.id)
    const dismissed = (one: Edit): Edit => withState(one, { state: 'done' })
    if (edit.procedure.endsWith('.create'))
      return await change(
        edit,
        dismissed,
        later.map((one) => one.order),
      )
    // They were made on what the edit showed, and the row does not have that.
    const row = edit.state === 'refused' ? view.mirror[entityOf(edit.procedure)].get(edit.input.id) : undefined
    const bases = new Map((row === undefined ? [] : rebase(edit, row, later)).map((one) => [one.order, one.base]))
    await change(edit, dismissed, [...bases.keys()], (one) => {
      const base = bases.get(one.order)
      return base && { ...one, base }
    })
  }

  return {
    async add(wish, seen) {
      if (view.isHidden)
        throw new StoreError(
          'OTHER_ACCOUNT',
          'Another account is signed in; open its store, or sign in to this one again',
        )
      const row = rowOf(view, wish)
      const madeAt = new Date().toISOString()
      const [title, base, contract] = [titleOf(wish, row), baseOf(wish, seen ?? row), CONTRACT_VERSION]
      const edit = { ...wish, state: 'pending', title, mutationId: uuidv7(), base, contract, madeAt } as const
      await write(async (tx, meta) => await addEdit(tx, meta, edit))
    },
    async retry(refused) {
      await change(find(refused), (edit) => withState(edit, { state: 'pending' }))
    },
    async mend(refused, values) {
      const edit = find(refused)
      const mended = withValues(edit, values)
      const fields = [...Object.keys(edit.base), ...Object.keys(valuesOf(mended))]
      const base =
        edit.state === 'conflict'
          ? pick(edit.theirs, fields)
          : { ...pick(view.mirror[entityOf(edit.procedure)].get(edit.input.id) ?? {}, fields), ...edit.base }
      // The first attempts had no effect. With other values this is another mutation.
      const again = { ...withState(mended, { state: 'pending' }), base, mutationId: uuidv7() }
      await change(edit, () => again)
    },
    dismiss,
    async resolve(conflict, keep) {
      const edit = find(conflict)
      if (edit.state !== 'conflict' || keep === 'theirs') return await dismiss(conflict)
      const base = pick(edit.theirs, Object.keys(edit.base))
      await change(edit, (one) => ({ ...withState(one, { state: 'pending' }), base }))
    },
  }
}

const waitsForUser = (edit: Edit): edit is RefusedEdit | ConflictingEdit =>
  edit.state === 'refused' || edit.state === 'conflict'

/** Returns the row of an edit as the view shows it. Throws if it does not allow the edit. */
function rowOf(view: View, { procedure, input }: Wish): ReturnType<View['task' | 'list']> {
  const entity = entityOf(procedure)
  const row = view[entity](input.id)
  if (procedure.endsWith('.create')) return undefined
  if (row === undefined)
    throw new StoreError('NOT_FOUND', `There is no ${entity} ${input.id}; it may have been deleted on another device`)
  const isInTrash = 'deletedAt' in row && row.deletedAt !== null
  if (isInTrash && (procedure === 'tasks.update' || procedure === 'tasks.move'))
    throw new StoreError('IN_TRASH', `Task ${input.id} is in the trash; restore it before you change it`)
  return row
}

/** Returns an edit that sets other values. */
function withValues(edit: Edit, values: object): Edit {
  const input =
    'changes' in edit.input
      ? { ...edit.input, changes: { ...edit.input.changes, ...values } }
      : { ...edit.input, ...values }
  // `values` are of the edit's procedure.
  return { ...edit, input } as Edit
}
