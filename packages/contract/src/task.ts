import { z } from 'zod'
import { dateInEveryZone, inputsOf, optional, outputsOf } from './field-schemas.ts'
import { type Optional, TASK_FIELDS, type TaskContent } from './fields.ts'
import { LIMITS } from './limits.ts'
import { arrayOf, expectedRevision, fieldsAreKnown, id, mutationId, revision, time } from './values.ts'
import type { Schema } from './schema.ts'

/** A task, as every reply returns it. */
export interface Task extends TaskContent {
  id: string
  /** The space of the task. */
  spaceId: string
  /** The account that created the task, kept even after that account is erased. Null if no user created it. */
  userId: string | null
  /** A list of the space; null is the inbox. */
  listId: string | null
  /** Set and cleared with `complete`. */
  completedAt: string | null
  /** The instant of a timed `due`; null for an all-day date. */
  dueAt: string | null
  /** Orders the tasks of a list that are not in the trash. Compare positions bytewise. */
  position: string
  /** The revision of the latest Change of this task. */
  revision: number
  createdAt: string
  updatedAt: string
  /** When the task was moved to the trash; null outside it. */
  deletedAt: string | null
}

const content = inputsOf(TASK_FIELDS)

/** The input of `tasks.create`, without the mutation id. */
export interface TaskDraft extends Optional<TaskContent> {
  id?: string | undefined
  title: string
  listId?: string | null | undefined
  /** The task of the same list, outside the trash, after which to place this one; null: first; absent: last. */
  after?: string | null | undefined
}

/** What `tasks.update` and a bulk update may change. */
export interface TaskChanges extends Optional<TaskContent> {
  /**
   * Moves the due to this date, and keeps its time and zone. A task without a due gets an all-day due. Cannot be
   * combined with `due`.
   */
  dueDate?: string | undefined
}

const draft = {
  id: id.optional(),
  ...optional(content),
  title: content.title,
  listId: id.nullable().optional(),
  after: id.nullable().optional(),
}

export const taskChanges: Schema<TaskChanges> = z
  .strictObject({
    ...optional(content),
    dueDate: dateInEveryZone.optional(),
  })
  .refine((changes) => changes.due === undefined || changes.dueDate === undefined, {
    error: 'cannot be combined with due, which contains the date',
    path: ['dueDate'],
    when: fieldsAreKnown,
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    error: `is empty; give at least one of ${Object.keys(content).join(', ')}, dueDate`,
    when: fieldsAreKnown,
  })

export const task: Schema<Task> = z
  .object({
    id: z.string(),
    spaceId: z.string(),
    userId: z.string().nullable(),
    listId: z.string().nullable(),
    ...outputsOf(TASK_FIELDS),
    completedAt: time.nullable(),
    dueAt: time.nullable(),
    position: z.string(),
    revision,
    createdAt: time,
    updatedAt: time,
    deletedAt: time.nullable(),
  })
  .meta({ id: 'Task' })

/** The input of a mutation. */
export interface Mutating {
  /** A UUID, which the client sets by itself. A mutation that is sent again with the same id takes effect once. */
  mutationId?: string | undefined
}
/** The input of a mutation of one row. */
export interface OnTask extends Mutating {
  id: string
  /**
   * The revision that the row had when the caller read it. If it has changed since, the call fails with
   * REVISION_CONFLICT.
   */
  expectedRevision?: number | undefined
}

const onTask = { id, expectedRevision, mutationId }

export const taskCreate: Schema<TaskDraft & Mutating> = z.strictObject({
  ...draft,
  mutationId,
})
export const taskCreateMany: Schema<{ tasks: TaskDraft[] } & Mutating> = z.strictObject({
  tasks: arrayOf(z.strictObject(draft), {
    min: 1,
    max: LIMITS.tasksPerCall,
    tooFew: 'is empty; give at least one task',
    tooMany: `holds more than ${LIMITS.tasksPerCall} tasks; send them in parts`,
  }),
  mutationId,
})
export const taskGet: Schema<{ id: string }> = z.strictObject({ id })
export const taskUpdate: Schema<OnTask & { changes: TaskChanges }> = z.strictObject({ ...onTask, changes: taskChanges })
export const taskComplete: Schema<OnTask & { complete: boolean }, OnTask & { complete?: boolean | undefined }> =
  z.strictObject({ ...onTask, complete: z.boolean().default(true) })

export interface TaskMove extends OnTask {
  /** The target list, null for the inbox; absent: the task stays in its list. */
  listId?: string | null | undefined
  /** The task of the target list, outside the trash, after which to place this one; null: first; absent: last. */
  after?: string | null | undefined
}
export const taskMove: Schema<TaskMove> = z.strictObject({
  ...onTask,
  listId: id.nullable().optional(),
  after: id.nullable().optional(),
})
export const taskReference: Schema<OnTask> = z.strictObject(onTask)
