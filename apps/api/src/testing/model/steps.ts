import { randomUUID } from 'node:crypto'
import type { BulkAction, TaskDraft, TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'
import { changes, content, filter, listName, maybe, rarely, tag, zone } from './draws.ts'
import type { Call, Inputs, Path } from './state.ts'
import { afterAt, listAfterAt, listAt, listScopeAt, type Placement, taskAt, type Environment } from './environment.ts'

/** One call. Its rows are not known yet when it is drawn. */
export interface Step {
  callIn(environment: Environment): Call
  [fc.toStringMethod](): string
}

function step<P extends Path, T>(
  path: P,
  arbitrary: fc.Arbitrary<T>,
  inputOf: (environment: Environment, drawn: T) => Inputs[P],
): fc.Arbitrary<Step> {
  return arbitrary.map((drawn) => ({
    // JSON leaves out undefined fields. The type parameter keeps path and input together.
    callIn: (environment) => JSON.parse(JSON.stringify({ path, input: inputOf(environment, drawn) })) as Call,
    [fc.toStringMethod]: () => `${path} ${fc.stringify(drawn)}`,
  }))
}

const nr = fc.nat(999)
const placement: fc.Arbitrary<Placement> = fc.oneof(
  fc.constantFrom('last' as const, 'first' as const, 'anywhere' as const),
  {
    weight: 3,
    arbitrary: nr,
  },
)
/** Mostly no expectedRevision; otherwise the current one or the one before. */
const expected = fc.constantFrom(undefined, undefined, undefined, 0, 1)
const revisionOf = (row: { revision: number } | undefined, back: number | undefined): number | undefined =>
  back === undefined ? undefined : Math.max(0, (row?.revision ?? 1) - back)

const one = fc.record({ nr, expected })
const onTask = (
  environment: Environment,
  drawn: { nr: number; expected: number | undefined },
): Inputs['tasks.delete'] => {
  const id = taskAt(environment, drawn.nr)
  return { id, expectedRevision: revisionOf(environment.state.tasks.get(id), drawn.expected) }
}

const draft = fc.record({ ...content, listScope: nr, placement }, { requiredKeys: ['title', 'listScope', 'placement'] })
type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never
function draftIn(environment: Environment, { listScope, placement, ...fields }: Draft): TaskDraft & { id: string } {
  const listId = listScopeAt(environment, listScope)
  const after = afterAt(environment, placement, listId)
  const id = randomUUID()
  environment.tasks.push(id)
  return { ...fields, id, listId, after }
}

/** One time in eight, the task gets a known id, which may be in use. */
const create = step('tasks.create', fc.record({ draft, known: maybe(nr), taken: fc.nat(7) }), (environment, drawn) => {
  const known = taskAt(environment, drawn.known ?? 0)
  const draft = draftIn(environment, drawn.draft)
  return drawn.taken === 0 ? { ...draft, id: known } : draft
})
const drafts = fc.record({ drafts: fc.array(draft, { minLength: 1, maxLength: 6 }), linked: fc.boolean() })
const createMany = step('tasks.createMany', drafts, (environment, drawn) => {
  const tasks = drawn.drafts.map((each) => draftIn(environment, each))
  const [first, second] = tasks
  // A draft may be placed after another of the same call.
  if (drawn.linked && first && second && first.listId === second.listId) second.after = first.id
  return { tasks }
})
const update = step('tasks.update', fc.record({ one, changes }), (environment, { one, changes }) => ({
  ...onTask(environment, one),
  changes,
}))
const complete = step('tasks.complete', fc.record({ one, complete: maybe(fc.boolean()) }), (environment, drawn) => ({
  ...onTask(environment, drawn.one),
  complete: drawn.complete,
}))
const move = step(
  'tasks.move',
  fc.record({ one, listScope: maybe(nr), placement }),
  (environment, { one, listScope, placement }) => {
    const on = onTask(environment, one)
    const listId = listScope === undefined ? undefined : listScopeAt(environment, listScope)
    const there = listId === undefined ? (environment.state.tasks.get(on.id)?.listId ?? null) : listId
    return { ...on, listId, after: afterAt(environment, placement, there) }
  },
)

export const listScopes = rarely(fc.oneof(nr, fc.array(nr, { minLength: 1, maxLength: 3 })))
export function filterIn(
  environment: Environment,
  given: TaskFilter,
  lists: number | number[] | undefined,
): TaskFilter {
  if (lists === undefined) return given
  const listId = Array.isArray(lists)
    ? lists.map((each) => listScopeAt(environment, each))
    : listScopeAt(environment, lists)
  return { ...given, listId }
}

type Drawn = Exclude<BulkAction, { type: 'move' }> | { type: 'move'; listScope: number }
const actions: fc.Arbitrary<Drawn>[] = [
  changes.map((given) => ({ type: 'update' as const, changes: given })),
  fc.boolean().map((complete) => ({ type: 'complete' as const, complete })),
  nr.map((listScope) => ({ type: 'move' as const, listScope })),
  fc.constant({ type: 'delete' as const }),
  fc.constant({ type: 'restore' as const }),
]
const actionIn = (environment: Environment, drawn: Drawn): BulkAction =>
  drawn.type === 'move' ? { type: 'move', listId: listScopeAt(environment, drawn.listScope) } : drawn

const bulkOf = (drawnActions: readonly fc.Arbitrary<Drawn>[]): fc.Arbitrary<Step>[] => {
  const action = fc.oneof(...drawnActions)
  const dryRun = maybe(fc.boolean())
  const maxAffected = fc.oneof({ weight: 3, arbitrary: fc.constant(100) }, fc.integer({ min: 1, max: 4 }))
  const numbers = fc.uniqueArray(nr, { minLength: 1, maxLength: 6 })
  return [
    step('tasks.bulk', fc.record({ numbers, action, dryRun }), (environment, { numbers, action, dryRun }) => ({
      ids: [...new Set(numbers.map((each) => taskAt(environment, each)))],
      action: actionIn(environment, action),
      dryRun,
    })),
    step(
      'tasks.bulk',
      fc.record({ filter, listScopes, action, dryRun, maxAffected, timeZone: maybe(zone) }),
      (environment, { listScopes, action, filter, ...others }) => ({
        ...others,
        filter: filterIn(environment, filter, listScopes),
        action: actionIn(environment, action),
      }),
    ),
  ]
}

const createList = step(
  'lists.create',
  fc.record({ name: listName, placement }),
  (environment, { name, placement }) => {
    const after = listAfterAt(environment, placement)
    const id = randomUUID()
    environment.lists.push(id)
    return { id, name, after }
  },
)
const onList = (
  environment: Environment,
  drawn: { nr: number; expected: number | undefined },
): Inputs['tasks.delete'] => {
  const id = listAt(environment, drawn.nr)
  return { id, expectedRevision: revisionOf(environment.state.lists.get(id), drawn.expected) }
}
const updateList = step('lists.update', fc.record({ one, name: maybe(listName), placement }), (environment, drawn) => {
  const after = listAfterAt(environment, drawn.placement)
  // The call needs at least one field.
  const name = drawn.name ?? (after === undefined ? 'Home' : undefined)
  return { ...onList(environment, drawn.one), changes: { name, after } }
})
const deleteList = step(
  'lists.delete',
  fc.record({ one, tasks: fc.constantFrom('inbox' as const, 'trash' as const) }),
  (environment, { one, tasks }) => ({ ...onList(environment, one), tasks }),
)
const rename = step('tags.rename', fc.record({ from: tag, to: tag }), (_environment, drawn) => drawn)
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
/** Every mutation that can be reverted. */
export const revertible = fc.oneof(...lasting, ...bulkOf(actions).map((bulk) => weigh(2, bulk)))
/** Every mutation. */
export const mutation = fc.oneof(
  ...lasting,
  ...bulkOf([...actions, fc.constant({ type: 'purge' as const })]).map((bulk) => weigh(2, bulk)),
  weigh(2, step('tasks.purge', one, onTask)),
)
