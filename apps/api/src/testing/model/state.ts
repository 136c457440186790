import type {
  Change,
  List,
  ListCreate,
  ListDelete,
  ListUpdate,
  OnTask,
  TagRename,
  Task,
  TaskBulk,
  TaskChanges,
  TaskDraft,
  TaskMove,
} from '@taskwire/contract'

/** The expected data of one user, according to the contract alone. */
export interface State {
  head: number
  tasks: Map<string, Task>
  lists: Map<string, List>
  /** The tasks of each list that are not in the trash, in their order; null is the inbox. */
  order: Map<string | null, string[]>
  /** Every Change so far; the n-th has revision n. */
  log: Change[]
  /** The ids of purged tasks and deleted lists, which cannot be used again. */
  usedIds: Set<string>
}

export function emptyState(): State {
  return { head: 0, tasks: new Map(), lists: new Map(), order: new Map([[null, []]]), log: [], usedIds: new Set() }
}

/** The procedures that the model calls. */
export interface Inputs {
  'tasks.create': TaskDraft
  'tasks.createMany': { tasks: TaskDraft[] }
  'tasks.update': OnTask & { changes: TaskChanges }
  'tasks.complete': OnTask & { complete?: boolean | undefined }
  'tasks.move': TaskMove
  'tasks.delete': OnTask
  'tasks.restore': OnTask
  'tasks.purge': OnTask
  'tasks.bulk': TaskBulk
  'lists.create': ListCreate
  'lists.update': ListUpdate
  'lists.delete': ListDelete
  'tags.rename': TagRename
  'changes.revert': { revision: number }
}
export type Path = keyof Inputs
export type Call = { [P in Path]: { path: P; input: Inputs[P] } }[Path]

/** The time zone of a call's dates, and the time of the call. */
export interface Clock {
  zone: string
  now: number
}

export type Row = Record<string, unknown>

/** How one row changes. */
export interface RowChange {
  entity: 'task' | 'list'
  id: string
  action: string
  /** The row afterwards, without its position; null if it is deleted. NOW stands for the time of the commit. */
  after: Row | null
  /** Whether the row's position may change; the service chooses the new one. */
  placed?: boolean
}
export const NOW = '(now)'

export interface Changed {
  /** In the order of their revisions, unless `anyOrder` is true. */
  changes: RowChange[]
  anyOrder?: boolean
  /** The order of each list afterwards. With `anyOrder`, the rows that changed come last, in any order. */
  order?: Map<string | null, string[]>
  /** The model does not predict positions. */
  anyPosition?: boolean
  /** The lists in their order afterwards. */
  lists?: string[]
}
/** The expected outcome of a call: a refusal with one of these codes, or these changes. */
export type Outcome = { refused: string[] } | Changed

export const refuse = (...refused: string[]): Outcome => ({ refused })

export function rowOf(state: State, { entity, id }: { entity: string; id: string }): Row | undefined {
  const row = entity === 'task' ? state.tasks.get(id) : state.lists.get(id)
  return row === undefined ? undefined : { ...row }
}

export const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Returns the fields that differ, which a Change lists; leaves out the fields that every Change sets. */
export function difference(before: Row, after: Row): string[] {
  return Object.keys(after).filter(
    (name) => name !== 'revision' && name !== 'updatedAt' && !sameValue(before[name], after[name]),
  )
}

/** Returns an order with an id placed after another one; null is first, undefined last. */
export function insert(order: readonly string[], id: string, after: string | null | undefined): string[] {
  const others = order.filter((other) => other !== id)
  const index = after === undefined ? others.length : after === null ? 0 : others.indexOf(after) + 1
  return others.toSpliced(index, 0, id)
}

export const byPosition = <T extends { position: string }>(rows: Iterable<T>): T[] =>
  [...rows].toSorted((a, b) => (a.position < b.position ? -1 : 1))
