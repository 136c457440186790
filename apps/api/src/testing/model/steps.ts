import { randomUUID } from 'node:crypto'
import type { BulkAction, TaskDraft, TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'
import { changes, content, filter, listName, maybe, rarely, tag, zone } from './draws.ts'
import type { Call, Inputs, Path } from './state.ts'
import { afterAt, listAfterAt, listAt, shelfAt, type Spot, taskAt, type World } from './world.ts'

/** One call, drawn before it is known what is there. */
export interface Step {
  in(world: World): Call
  [fc.toStringMethod](): string
}

function step<P extends Path, T>(
  path: P,
  arbitrary: fc.Arbitrary<T>,
  inputOf: (world: World, drawn: T) => Inputs[P],
): fc.Arbitrary<Step> {
  return arbitrary.map((drawn) => ({
    // The path and the input of one procedure; what is undefined is not sent.
    in: (world) => JSON.parse(JSON.stringify({ path, input: inputOf(world, drawn) })) as Call,
    [fc.toStringMethod]: () => `${path} ${fc.stringify(drawn)}`,
  }))
}

const nr = fc.nat(999)
const spot: fc.Arbitrary<Spot> = fc.oneof(fc.constantFrom('last' as const, 'first' as const, 'anywhere' as const), {
  weight: 3,
  arbitrary: nr,
})
/** Mostly none is expected, else the right revision or the one before. */
const expected = fc.constantFrom(undefined, undefined, undefined, 0, 1)
const revisionOf = (row: { revision: number } | undefined, back: number | undefined): number | undefined =>
  back === undefined ? undefined : Math.max(0, (row?.revision ?? 1) - back)

const one = fc.record({ nr, expected })
const onTask = (world: World, drawn: { nr: number; expected: number | undefined }): Inputs['tasks.delete'] => {
  const id = taskAt(world, drawn.nr)
  return { id, expectedRevision: revisionOf(world.state.tasks.get(id), drawn.expected) }
}

const draft = fc.record({ ...content, shelf: nr, spot }, { requiredKeys: ['title', 'shelf', 'spot'] })
type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never
function draftIn(world: World, { shelf, spot, ...fields }: Draft): TaskDraft & { id: string } {
  const listId = shelfAt(world, shelf)
  const after = afterAt(world, spot, listId)
  const id = randomUUID()
  world.tasks.push(id)
  return { ...fields, id, listId, after }
}

/** Of an id that is there already, one time in eight. */
const create = step('tasks.create', fc.record({ draft, known: maybe(nr), taken: fc.nat(7) }), (world, drawn) => {
  const known = taskAt(world, drawn.known ?? 0)
  const made = draftIn(world, drawn.draft)
  return drawn.taken === 0 ? { ...made, id: known } : made
})
const drafts = fc.record({ drafts: fc.array(draft, { minLength: 1, maxLength: 6 }), linked: fc.boolean() })
const createMany = step('tasks.createMany', drafts, (world, drawn) => {
  const tasks = drawn.drafts.map((each) => draftIn(world, each))
  const [first, second] = tasks
  // One may go behind another of the same call.
  if (drawn.linked && first && second && first.listId === second.listId) second.after = first.id
  return { tasks }
})
const update = step('tasks.update', fc.record({ one, changes }), (world, { one, changes }) => ({
  ...onTask(world, one),
  changes,
}))
const complete = step('tasks.complete', fc.record({ one, complete: maybe(fc.boolean()) }), (world, drawn) => ({
  ...onTask(world, drawn.one),
  complete: drawn.complete,
}))
const move = step('tasks.move', fc.record({ one, shelf: maybe(nr), spot }), (world, { one, shelf, spot }) => {
  const on = onTask(world, one)
  const listId = shelf === undefined ? undefined : shelfAt(world, shelf)
  const there = listId === undefined ? (world.state.tasks.get(on.id)?.listId ?? null) : listId
  return { ...on, listId, after: afterAt(world, spot, there) }
})

export const shelves = rarely(fc.oneof(nr, fc.array(nr, { minLength: 1, maxLength: 3 })))
export function filterIn(world: World, given: TaskFilter, lists: number | number[] | undefined): TaskFilter {
  if (lists === undefined) return given
  const listId = Array.isArray(lists) ? lists.map((each) => shelfAt(world, each)) : shelfAt(world, lists)
  return { ...given, listId }
}

type Drawn = Exclude<BulkAction, { type: 'move' }> | { type: 'move'; shelf: number }
const actions: fc.Arbitrary<Drawn>[] = [
  changes.map((given) => ({ type: 'update' as const, changes: given })),
  fc.boolean().map((complete) => ({ type: 'complete' as const, complete })),
  nr.map((shelf) => ({ type: 'move' as const, shelf })),
  fc.constant({ type: 'delete' as const }),
  fc.constant({ type: 'restore' as const }),
]
const actionIn = (world: World, drawn: Drawn): BulkAction =>
  drawn.type === 'move' ? { type: 'move', listId: shelfAt(world, drawn.shelf) } : drawn

const bulkOf = (drawnActions: readonly fc.Arbitrary<Drawn>[]): fc.Arbitrary<Step>[] => {
  const action = fc.oneof(...drawnActions)
  const dryRun = maybe(fc.boolean())
  const maxAffected = fc.oneof({ weight: 3, arbitrary: fc.constant(100) }, fc.integer({ min: 1, max: 4 }))
  const numbers = fc.uniqueArray(nr, { minLength: 1, maxLength: 6 })
  return [
    step('tasks.bulk', fc.record({ numbers, action, dryRun }), (world, { numbers, action, dryRun }) => ({
      ids: [...new Set(numbers.map((each) => taskAt(world, each)))],
      action: actionIn(world, action),
      dryRun,
    })),
    step(
      'tasks.bulk',
      fc.record({ filter, shelves, action, dryRun, maxAffected, timeZone: maybe(zone) }),
      (world, { shelves, action, filter, ...others }) => ({
        ...others,
        filter: filterIn(world, filter, shelves),
        action: actionIn(world, action),
      }),
    ),
  ]
}

const createList = step('lists.create', fc.record({ name: listName, spot }), (world, { name, spot }) => {
  const after = listAfterAt(world, spot)
  const id = randomUUID()
  world.lists.push(id)
  return { id, name, after }
})
const onList = (world: World, drawn: { nr: number; expected: number | undefined }): Inputs['tasks.delete'] => {
  const id = listAt(world, drawn.nr)
  return { id, expectedRevision: revisionOf(world.state.lists.get(id), drawn.expected) }
}
const updateList = step('lists.update', fc.record({ one, name: maybe(listName), spot }), (world, drawn) => {
  const after = listAfterAt(world, drawn.spot)
  // Something has to change.
  const name = drawn.name ?? (after === undefined ? 'Home' : undefined)
  return { ...onList(world, drawn.one), changes: { name, after } }
})
const deleteList = step(
  'lists.delete',
  fc.record({ one, tasks: fc.constantFrom('inbox' as const, 'trash' as const) }),
  (world, { one, tasks }) => ({ ...onList(world, one), tasks }),
)
const rename = step('tags.rename', fc.record({ from: tag, to: tag }), (_world, drawn) => drawn)
const revert = step('changes.revert', fc.nat(12), ({ state }, back) => ({ revision: Math.max(1, state.head - back) }))

const weigh = (weight: number, arbitrary: fc.Arbitrary<Step>): { weight: number; arbitrary: fc.Arbitrary<Step> } => ({
  weight,
  arbitrary,
})
const lasting = [
  weigh(5, create),
  weigh(2, createMany),
  weigh(5, update),
  weigh(2, complete),
  weigh(4, move),
  weigh(2, step('tasks.delete', one, onTask)),
  weigh(2, step('tasks.restore', one, onTask)),
  weigh(2, createList),
  weigh(2, updateList),
  weigh(2, deleteList),
  weigh(2, rename),
  weigh(4, revert),
]
/** All that can be undone. */
export const undoable = fc.oneof(...lasting, ...bulkOf(actions).map((bulk) => weigh(2, bulk)))
/** Every mutation. */
export const mutation = fc.oneof(
  ...lasting,
  ...bulkOf([...actions, fc.constant({ type: 'purge' as const })]).map((bulk) => weigh(2, bulk)),
  weigh(2, step('tasks.purge', one, onTask)),
)
