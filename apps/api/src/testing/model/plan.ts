import type { Task } from '@taskwire/contract'
import { createList, deleteList, updateList } from './plan-lists.ts'
import { planRevert } from './plan-revert.ts'
import { bulk, changed, create, move, purge, remove, rename, restore, update } from './plan-tasks.ts'
import { type Call, type Clock, type Outcome, refuse, type State } from './state.ts'

/** Returns the expected outcome of a call in a state. */
export function plan(state: State, call: Call, clock: Clock): Outcome {
  switch (call.path) {
    case 'tasks.create':
      return create(state, [call.input])
    case 'tasks.createMany':
      return create(state, call.input.tasks)
    case 'tasks.bulk':
      return bulk(state, call.input, clock)
    case 'tags.rename':
      return rename(state, call.input)
    case 'changes.revert':
      return planRevert(state, call.input.revision)
    case 'lists.create':
      return createList(state, call.input)
    case 'lists.update':
      return updateList(state, call.input)
    case 'lists.delete':
      return deleteList(state, call.input)
    default:
      return planOne(state, call)
  }
}

type Verb = 'update' | 'complete' | 'move' | 'delete' | 'restore' | 'purge'
type OnOne = Extract<Call, { path: `tasks.${Verb}` }>

function planOne(state: State, call: OnOne): Outcome {
  const { id, expectedRevision } = call.input
  if (call.path === 'tasks.move' && call.input.after === id) return refuse('VALIDATION')
  const task = state.tasks.get(id)
  if (task === undefined) return refuse('NOT_FOUND')
  const codes: string[] = []
  if (expectedRevision !== undefined && expectedRevision !== task.revision) codes.push('REVISION_CONFLICT')
  const inTrash = ['tasks.delete', 'tasks.restore', 'tasks.purge'].includes(call.path)
  if (task.deletedAt !== null && !inTrash) codes.push('IN_TRASH')
  if (call.path === 'tasks.move') {
    const { listId = task.listId, after } = call.input
    if (listId !== null && !state.lists.has(listId)) codes.push('NOT_FOUND')
    if (typeof after === 'string' && state.order.get(listId)?.includes(after) !== true) codes.push('NOT_FOUND')
  }
  return codes.length > 0 ? refuse(...codes) : apply(state, call, task)
}

function apply(state: State, call: OnOne, task: Task): Outcome {
  switch (call.path) {
    case 'tasks.update':
      return { changes: update(task, changed(task, call.input.changes)) }
    case 'tasks.complete':
      return { changes: update(task, changed(task, { complete: call.input.complete ?? true })) }
    case 'tasks.move':
      return move(state, [task], call.input.listId === undefined ? task.listId : call.input.listId, call.input.after)
    case 'tasks.delete':
      return remove(state, [task])
    case 'tasks.restore':
      return restore(state, [task])
    case 'tasks.purge':
      return purge(state, [task])
  }
}
