import { CONTRACT_VERSION } from '@taskwire/contract/version'
import type { List } from '@taskwire/contract/list'
import type { Task } from '@taskwire/contract/task'
import { type Failure, failureOf, isTaskwireError } from '../../errors.ts'
import { conflictsOf, dependsOn, type Edit, entityOf, type Refusal } from '../edit.ts'
import { stateAfter } from '../progress.ts'
import { callOf } from './call-of.ts'
import type { SyncContext } from './context.ts'
import { type Outcome, settle } from './settle.ts'

/** After so many edits in a row on which the service failed, it is the service that is broken, and not the edits. */
const MOST_FAILED = 5

/**
 * Sends the pending edits, one after the other, until none is left that can be sent. Without a mirror, sends none: what
 * they would undo is unknown. Throws the error of a call whose outcome is unknown: the edit stays in the queue, and is
 * sent again with the same mutation id. If the service failed on an edit, first sends those that do not depend on it.
 * Calls `onSettled` after each edit for as long as nothing has failed.
 */
export async function sendEdits(ctx: SyncContext, onSettled: () => void): Promise<void> {
  if (ctx.view.meta.after === null) return
  const failed = new Set<number>()
  let [first, inARow]: [unknown, number] = [undefined, 0]
  for (let edit = nextEdit(ctx.view.edits); edit !== undefined; edit = nextEdit(ctx.view.edits, failed))
    try {
      await settle(ctx, edit, await send(ctx, edit))
      inARow = 0
      if (first === undefined) onSettled()
    } catch (error) {
      if (!isTaskwireError(error) || error.appCode !== 'INTERNAL' || ++inARow === MOST_FAILED) throw error
      failed.add(edit.order)
      first ??= error
    }
  if (first !== undefined) throw first
}

/** Returns the first pending edit that does not depend on an earlier one that waits for the user or has `failed`. */
export function nextEdit(edits: readonly Edit[], failed: ReadonlySet<number> = new Set()): Edit | undefined {
  const unsettled: Edit[] = []
  for (const edit of edits) {
    const isSendable = edit.state === 'pending' && !failed.has(edit.order)
    if (isSendable && !unsettled.some((earlier) => dependsOn(edit, earlier))) return edit
    if (edit.state !== 'applied') unsettled.push(edit)
  }
  return undefined
}

async function send({ client, view, signal }: SyncContext, edit: Edit): Promise<Outcome> {
  if (majorOf(edit.contract) !== majorOf(CONTRACT_VERSION))
    return { state: { state: 'refused', refusal: OTHER_CONTRACT } }
  const { id } = edit.input
  let latest: Task | List | undefined = view.mirror[entityOf(edit.procedure)].get(id)
  for (let isCurrent = false; ;) {
    const row = latest
    const fields = row === undefined ? [] : conflictsOf(edit, row)
    const isConflict = row !== undefined && fields.length > 0
    if (isConflict && isCurrent) return { state: { state: 'conflict', fields, theirs: row }, row }
    // The service refuses the edit if the row is no longer at the revision of the one that was compared. Before it
    // becomes a conflict, the service is asked, by a revision that the row has no more: the mirror may not show yet what
    // earlier edits did, and an earlier attempt may have been applied, whose reply was lost.
    const revision = isConflict ? row.revision - 1 : row?.revision
    try {
      const reply = await callOf(client, edit, revision, signal)
      return 'createdAt' in reply
        ? { state: { state: 'done' }, row: reply }
        : { state: { state: 'applied', revision: reply.revision } }
    } catch (error) {
      const failure = failureOf(error)
      const changed = failure.appCode === 'REVISION_CONFLICT' ? failure.current : undefined
      if (changed !== undefined && changed.revision !== revision) {
        latest = changed
        isCurrent = true
      } else {
        const outcome = outcomeOf(edit, failure)
        if (outcome === undefined || stateAfter(error) !== 'offline') throw error
        return outcome
      }
    }
  }
}

const majorOf = (version: string): string | undefined => version.split('.', 1)[0]
const OTHER_CONTRACT: Refusal = {
  appCode: 'CONTRACT_MISMATCH',
  message: 'The edit was made by a version of the page with another major version of the contract; make it again',
  fields: [],
}

/** Returns what an error says about the edit; undefined if the edit has to be sent again. */
function outcomeOf({ procedure, input }: Edit, failure: Failure): Outcome | undefined {
  switch (failure.appCode) {
    case 'MUTATION_APPLIED':
      return { state: { state: 'applied', revision: failure.revision } }
    case 'ALREADY_EXISTS':
      // Ids are random: a row with the id of a create is of an earlier attempt, which the service no longer remembers.
      if (procedure.endsWith('.create') && failure.current?.id === input.id)
        return { state: { state: 'done' }, row: failure.current }
      break
    case 'NOT_FOUND':
      // What was to be deleted is gone.
      if (['tasks.delete', 'tasks.purge', 'lists.delete'].includes(procedure)) return { state: { state: 'done' } }
      break
    default:
  }
  if (failure.retryable || failure.appCode === 'ABORTED') return undefined
  const { appCode, message } = failure
  const current = 'current' in failure ? failure.current : undefined
  const fields = 'fields' in failure ? failure.fields : []
  return { state: { state: 'refused', refusal: { appCode, message, fields } }, row: isSame(input.id, current) }
}

/** An ALREADY_EXISTS by name has another row. */
const isSame = (id: string, row: Task | List | undefined): Task | List | undefined => (row?.id === id ? row : undefined)
