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

/** What one user's data should be, by the words of the contract alone. */
export interface State {
  head: number
  tasks: Map<string, Task>
  lists: Map<string, List>
  /** The live tasks of each list in their order; null is the inbox. */
  order: Map<string | null, string[]>
  /** Every Change so far; that of revision n is the n-th. */
  log: Change[]
  /** The ids of what is gone for good: they cannot be used again. */
  gone: Set<string>
}

export function emptyState(): State {
  return { head: 0, tasks: new Map(), lists: new Map(), order: new Map([[null, []]]), log: [], gone: new Set() }
}

/** What the model knows to call. */
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

/** The zone in which a call tells dates, and when it is made. */
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
  /** The row as it becomes but for its position, null where it goes. NOW stands for the time of the commit. */
  after: Row | null
  /** Whether its position may differ: the service chooses it. */
  placed?: boolean
}
export const NOW = '(now)'

export interface Changed {
  /** In the order of their revisions, unless `anyOrder`. */
  changes: RowChange[]
  anyOrder?: boolean
  /** The order of each list afterwards; those that changed stand last, in any order, with `anyOrder`. */
  order?: Map<string | null, string[]>
  /** Where rows stand is not foreseen. */
  anyPlace?: boolean
  /** The lists in their order afterwards. */
  lists?: string[]
}
/** What a call should do: be refused by one of these codes, or change these rows. */
export type Outcome = { refused: string[] } | Changed

export const refuse = (...refused: string[]): Outcome => ({ refused })

export function rowOf(state: State, { entity, id }: { entity: string; id: string }): Row | undefined {
  const row = entity === 'task' ? state.tasks.get(id) : state.lists.get(id)
  return row === undefined ? undefined : { ...row }
}

export const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The fields that a Change shows: those that differ, but for what every Change sets. */
export function difference(before: Row, after: Row): string[] {
  return Object.keys(after).filter(
    (name) => name !== 'revision' && name !== 'updatedAt' && !sameValue(before[name], after[name]),
  )
}

/** An order with an id put behind another: null is first, undefined last. */
export function insert(order: readonly string[], id: string, after: string | null | undefined): string[] {
  const others = order.filter((other) => other !== id)
  const at = after === undefined ? others.length : after === null ? 0 : others.indexOf(after) + 1
  return others.toSpliced(at, 0, id)
}

export const byPosition = <T extends { position: string }>(rows: Iterable<T>): T[] =>
  [...rows].toSorted((a, b) => (a.position < b.position ? -1 : 1))
