import { CONTRACT_VERSION } from '@taskwire/contract/version'
import type { Task } from '@taskwire/contract/task'
import { v7 as uuidv7 } from 'uuid'
import type { Work } from './database.ts'
import { asSent, baseOf, type Edit, entityOf, pick, rebase, titleOf, valuesOf, type Wish, withState } from './edit.ts'
import type { Decisions } from './store-api.ts'
import { StoreError } from './store-error.ts'
import { addEdit, baseAfter, changeEdits } from './stored-edits.ts'
import type { ConflictingEdit, RefusedEdit } from './sync-status.ts'
import type { View } from './view.ts'

/** The part of a store that takes edits, and decisions about them. */
export interface Queue extends Decisions {
  /**
   * Queues an edit of a row as the store shows it, or as the user has `seen` it. Returns its place, and the time at
   * which it was made.
   */
  add(wish: Wish, seen?: Task): Promise<Pick<Edit, 'order' | 'madeAt'>>
}

/** Resolves once what is written is on the disk, and is shown. */
type Write = (work: Work) => Promise<void>

export function createQueue(view: View, write: Write): Queue {
  const find = (edit: Named): Undecided =>
    undecided(
      edit,
      view.edits.find(({ order }) => order === edit.order),
    )
  /** Changes an edit, unless another tab has decided about it already, and the `others`. */
  const change = async (
    edit: Undecided,
    to: (edit: Edit) => Edit | undefined,
    others: readonly number[] = [],
  ): Promise<void> =>
    await write(async (tx, meta) => {
      undecided(edit, await tx.objectStore('edits').get(edit.order))
      await changeEdits(tx, meta, [edit.order, ...others], to)
    })

  async function dismiss(refused: Named): Promise<void> {
    const edit = find(refused)
    const { order } = edit
    const later = view.edits.filter((one) => one.order > order)
    if (edit.procedure.endsWith('.create'))
      return await change(
        edit,
        (one) => withState(one, { state: 'done' }),
        later.filter(({ input }) => input.id === edit.input.id).map((one) => one.order),
      )
    // They were made on what the edit showed, and the row does not have that.
    const row = edit.state === 'refused' ? view.mirror[entityOf(edit.procedure)].get(edit.input.id) : undefined
    const bases = new Map((row === undefined ? [] : rebase(edit, row, later)).map((one) => [one.order, one.base]))
    const settle = (one: Edit): Edit | undefined => {
      if (one.order === order) return withState(one, { state: 'done' })
      const base = bases.get(one.order)
      return base && { ...one, base }
    }
    await change(edit, settle, [...bases.keys()])
  }

  return {
    add: async (wish, seen) => await addTo(view, write, wish, seen),
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
      await change(edit, () => ({ ...withState(mended, { state: 'pending' }), base, mutationId: uuidv7() }))
    },
    dismiss,
    async resolve(conflict, keep) {
      const edit = find(conflict)
      if (edit.state !== 'conflict' || keep === 'theirs') return await dismiss(edit)
      const base = pick(edit.theirs, Object.keys(edit.base))
      await change(edit, (one) => ({ ...withState(one, { state: 'pending' }), base }))
    },
  }
}

/** Queues an edit of what the view shows. */
async function addTo(view: View, write: Write, given: Wish, seen: Task | undefined): ReturnType<Queue['add']> {
  if (view.isHidden)
    throw new StoreError('OTHER_ACCOUNT', 'Another account is signed in; open its store, or sign in to this one again')
  const wish = asSent(given)
  const row = rowOf(view, wish)
  const madeAt = new Date().toISOString()
  const [title, base, contract] = [
    titleOf(wish, row),
    baseOf(wish, seen === undefined ? row : asSent(seen)),
    CONTRACT_VERSION,
  ]
  const edit = { ...wish, state: 'pending', title, mutationId: uuidv7(), base, contract, madeAt } as const
  const shown = { seq: view.meta.seq, edits: view.edits }
  let order = 0
  await write(async (tx, meta) => {
    order = await addEdit(tx, meta, { ...edit, base: await baseAfter(tx, shown, edit) })
  })
  return { order, madeAt }
}

type Undecided = RefusedEdit | ConflictingEdit
type Named = Pick<Undecided, 'order' | 'state'>

/** Returns the edit if it still waits for the user, in the state that the user saw. Throws otherwise. */
function undecided({ order, state }: Named, edit: Edit | undefined): Undecided {
  if ((edit?.state === 'refused' || edit?.state === 'conflict') && edit.state === state) return edit
  const was = state === 'conflict' ? 'in conflict' : 'refused'
  throw new StoreError('NOT_FOUND', `Edit ${order} is not ${was}; it may be settled already, such as in another tab`)
}

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
  return { ...edit, input: asSent(input) } as Edit
}
