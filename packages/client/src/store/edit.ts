import type { FieldError } from '@taskwire/contract/errors'
import { TASK_FIELDS } from '@taskwire/contract/fields'
import type { ListChanges, ListCreate, ListDelete } from '@taskwire/contract/list'
import type { TaskChanges, TaskDraft, TaskMove } from '@taskwire/contract/task'
import type { Failure } from '../errors.ts'
import { equal } from './equal.ts'
import type { MirroredEntity, RowOf } from './rows.ts'

/** The input of each mutation that a store queues, without what the store adds when it sends the mutation. */
interface EditInputs {
  'tasks.create': TaskDraft & { id: string }
  /** The store turns `dueDate` into `due`, by what the user saw. */
  'tasks.update': { id: string; changes: Omit<TaskChanges, 'dueDate'> }
  'tasks.move': Pick<TaskMove, 'id' | 'listId' | 'after'>
  'tasks.delete': { id: string }
  'tasks.restore': { id: string }
  'tasks.purge': { id: string }
  'lists.create': Omit<ListCreate, 'mutationId'> & { id: string }
  'lists.update': { id: string; changes: ListChanges }
  'lists.delete': Pick<ListDelete, 'id' | 'tasks'>
}
export type EditProcedure = keyof EditInputs

/** The values that an edit of each procedure can be mended with. */
export interface MendedValues extends Record<EditProcedure, object> {
  'tasks.create': Partial<Omit<EditInputs['tasks.create'], 'id'>>
  'tasks.update': EditInputs['tasks.update']['changes']
  'tasks.move': Omit<EditInputs['tasks.move'], 'id'>
  'tasks.delete': Nothing
  'tasks.restore': Nothing
  'tasks.purge': Nothing
  'lists.create': Partial<Omit<EditInputs['lists.create'], 'id'>>
  'lists.update': EditInputs['lists.update']['changes']
  'lists.delete': Omit<EditInputs['lists.delete'], 'id'>
}
type Nothing = Record<string, never>

/** A procedure with its input. */
export type Wish = { [P in EditProcedure]: { procedure: P; input: EditInputs[P] } }[EditProcedure]

/** Why an edit was refused. */
export interface Refusal {
  appCode: Failure['appCode']
  message: string
  /** What is wrong in the input, for VALIDATION and NOT_FOUND. */
  fields: FieldError[]
}

/** A field that an edit sets, and that someone else has set to another value. */
export interface FieldConflict {
  /** The field of the row, such as `title`. */
  field: string
  /** What the edit sets; undefined if it deletes the row. */
  mine: unknown
  theirs: unknown
}

/**
 * - `pending`: to be sent, or sent and not yet answered.
 * - `applied`: the service has applied it, and the mirror does not show it yet. It will, at `revision`.
 * - `refused`: the service refused it, for the reason in `refusal`.
 * - `conflict`: someone else has changed the `fields`, too. `theirs` is the row as it is.
 * - `done`: the mirror shows it, or it was dismissed. `written` is the row of the reply.
 */
export type EditState =
  | { state: 'pending' }
  | { state: 'applied'; revision: number }
  | { state: 'refused'; refusal: Refusal }
  | { state: 'conflict'; fields: FieldConflict[]; theirs: RowOf[MirroredEntity] }
  | { state: 'done'; written?: RowOf[MirroredEntity] }

/** An edit in the queue. */
export type Edit = Wish &
  EditState & {
    /** The place in the queue, which also names the edit. */
    order: number
    /** What the task or the list was called when the edit was made. */
    title: string
    mutationId: string
    /** The row as the user saw it: the fields that the edit replaces, or, for a deletion, all that would be lost. */
    base: Partial<RowOf[MirroredEntity]>
    /** The version of the contract by which the edit was made. */
    contract: string
    /** ISO time by this device's clock. */
    madeAt: string
  }

const STATE_FIELDS = ['revision', 'refusal', 'fields', 'theirs', 'written']

/** Returns the edit in another state. */
export function withState(edit: Edit, state: EditState): Edit {
  const rest = Object.entries(edit).filter(([field]) => !STATE_FIELDS.includes(field))
  // Of the old state, only its name is left, which the new one replaces.
  return { ...Object.fromEntries(rest), ...state } as Edit
}

const IDS = ['id', 'listId', 'after']

/**
 * Returns what will be sent, with ids as the service writes them. A copy: the caller may change its own objects, and the
 * proxies that frameworks make of objects cannot be stored.
 */
export function asSent<T extends object>(given: T): T {
  const inLowerCase = (field: string, value: unknown): unknown =>
    IDS.includes(field) && typeof value === 'string' ? value.toLowerCase() : value
  // JSON is what is sent.
  return JSON.parse(JSON.stringify(given, inLowerCase)) as T
}

export const entityOf = (procedure: EditProcedure): MirroredEntity => (procedure.startsWith('tasks.') ? 'task' : 'list')

/** Returns the values that an edit sets, by field of the row; empty for other edits than updates and moves. */
export function valuesOf({ procedure, input }: Wish): Record<string, unknown> {
  switch (procedure) {
    case 'tasks.update':
      return defined(input.changes)
    case 'tasks.move':
      return input.listId === undefined ? {} : { listId: input.listId }
    case 'lists.update': {
      const { after: _, ...values } = defined(input.changes)
      return values
    }
    case 'tasks.create':
    case 'tasks.delete':
    case 'tasks.restore':
    case 'tasks.purge':
    case 'lists.create':
    case 'lists.delete':
      return {}
  }
}

type Defined<T> = { [F in keyof T]: Exclude<T[F], undefined> }

/** Returns the fields that are not undefined. */
export function defined<T extends object>(fields: T): Defined<T> {
  // Only optional fields may be undefined.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

/** Returns what the row of an edit is called; `row` is undefined if the edit creates it. */
export function titleOf(wish: Wish, row: RowOf[MirroredEntity] | undefined): string {
  if (row !== undefined) return 'title' in row ? row.title : row.name
  switch (wish.procedure) {
    case 'tasks.create':
      return wish.input.title
    case 'lists.create':
      return wish.input.name
    default:
      return ''
  }
}

/** Returns the `base` of an edit of this row. */
export function baseOf(wish: Wish, row: RowOf[MirroredEntity] | undefined): Edit['base'] {
  if (row === undefined) return {}
  if (wish.procedure === 'tasks.purge') return pick(row, Object.keys(TASK_FIELDS))
  if (wish.procedure === 'lists.delete') return pick(row, ['name'])
  return pick(row, Object.keys(valuesOf(wish)))
}

export function pick(row: object, fields: readonly string[]): Edit['base'] {
  return Object.fromEntries(Object.entries(row).filter(([field]) => fields.includes(field)))
}

/** Returns the fields of the edit that someone else has changed, to another value than the edit does. */
export function conflictsOf(edit: Edit, row: RowOf[MirroredEntity]): FieldConflict[] {
  const values = valuesOf(edit)
  const now: Partial<Record<string, unknown>> = { ...row }
  return Object.entries(edit.base)
    .filter(([field, value]) => !equal(now[field], value) && !(field in values && equal(now[field], values[field])))
    .map(([field]) => ({ field, mine: values[field], theirs: now[field] }))
}

/** True if `later` cannot be sent while `earlier` is not settled: it is of the same field or needs the row. */
export function dependsOn(later: Wish, earlier: Wish): boolean {
  if (later.input.id === earlier.input.id) {
    // A change of a task that is in the trash is refused until the task is restored.
    if (later.procedure === 'tasks.restore' && isChange(earlier)) return false
    const fields = Object.keys(valuesOf(earlier))
    const update = later.procedure.endsWith('.update') && earlier.procedure.endsWith('.update')
    return !update || Object.keys(valuesOf(later)).some((field) => fields.includes(field))
  }
  return earlier.procedure.endsWith('.create') && namesOf(later).includes(earlier.input.id)
}

const isChange = ({ procedure }: Wish): boolean => procedure === 'tasks.update' || procedure === 'tasks.move'

/** Returns the ids of other rows that an edit names. */
function namesOf({ input }: Wish): unknown[] {
  const place = 'changes' in input ? input.changes : input
  return ['listId' in place ? place.listId : undefined, 'after' in place ? place.after : undefined]
}

/**
 * Returns the later edits with the bases that follow from the reply to an edit. They were made on what the edit showed,
 * and the service may have written it in another way, such as trimmed.
 */
export function rebase(edit: Edit, row: RowOf[MirroredEntity], later: readonly Edit[]): Edit[] {
  const open = new Set(edit.procedure.endsWith('.create') ? Object.keys(row) : Object.keys(valuesOf(edit)))
  const rebased: Edit[] = []
  let after = row
  for (const next of later) {
    // The deletion of a list changes its tasks, too.
    if (next.procedure === 'lists.delete' && 'listId' in after && after.listId === next.input.id)
      after = { ...after, listId: null }
    if (next.input.id !== edit.input.id) continue
    const fields = Object.keys(next.base).filter((field) => open.has(field))
    if (fields.length > 0) rebased.push({ ...next, base: { ...next.base, ...pick(after, fields) } })
    for (const field of Object.keys(valuesOf(next))) open.delete(field)
  }
  return rebased
}
