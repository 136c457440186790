import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { mergeTags, multiLine, singleLine, requiredMessage } from './text.ts'
import { arrayOf, date, expectedRevision, fieldsAreKnown, id, mutationId, revision, time, timeZone } from './values.ts'

export const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

/** An all-day date, or a wall-clock time in an IANA time zone. */
export type Due =
  | { date: string; time?: undefined; timeZone?: undefined }
  | { date: string; time: string; timeZone: string }

/** A task, as every reply returns it. */
export interface Task {
  id: string
  /** The space of the task. */
  spaceId: string
  /** The account that created it; null if a space's own service did. Kept after that account is erased. */
  userId: string | null
  /** A list of the space; null is the inbox. */
  listId: string | null
  title: string
  description: string | null
  complete: boolean
  /** Set and cleared with `complete`. */
  completedAt: string | null
  priority: Priority
  tags: string[]
  due: Due | null
  /** The instant of a timed `due`; null for an all-day date. */
  dueAt: string | null
  /** Orders the tasks of a list that are not in the trash. Compared bytewise. */
  position: string
  /** The revision of the latest Change of this task. */
  revision: number
  createdAt: string
  updatedAt: string
  /** When the task was moved to the trash; null outside it. */
  deletedAt: string | null
}

const title = singleLine({ max: LIMITS.title })
const description = multiLine({ max: LIMITS.description }).nullable()
export const priority: z.ZodType<Priority, Priority> = z.enum(PRIORITIES, {
  error: requiredMessage(`is not one of ${PRIORITIES.join(', ')}`),
})
export const tagText: z.ZodType<string, string> = singleLine({ max: LIMITS.tag })
const tags = arrayOf(tagText, { max: LIMITS.tagsSent, tooMany: `holds more than ${LIMITS.tagsSent} tags` })
  .overwrite(mergeTags)
  .refine((list) => list.length <= LIMITS.tagsPerTask, { error: `holds more than ${LIMITS.tagsPerTask} tags` })

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'is not a time of day, written HH:MM' })
// A time on the first or last two days of the calendar can be an instant outside the calendar.
const isSafeInEveryZone = (d: string): boolean => d >= '0001-01-03' && d <= '9999-12-29'
const dateInEveryZone = date.refine(isSafeInEveryZone, { error: 'is not between 0001-01-03 and 9999-12-29' })
const due = z
  .strictObject({ date, time: clock.optional(), timeZone: timeZone.optional() })
  .refine((d) => (d.time === undefined) === (d.timeZone === undefined), {
    error: 'needs both time and timeZone, or neither for an all-day date',
    when: fieldsAreKnown,
  })
  .refine((d) => d.time === undefined || isSafeInEveryZone(d.date), {
    error: 'is not between 0001-01-03 and 9999-12-29, which a due with a time must be',
    path: ['date'],
    when: fieldsAreKnown,
  })
  // The first refinement leaves only the two shapes of Due.
  .nullable() as unknown as z.ZodType<Due | null, Due | null>

const content = { title, description, complete: z.boolean(), priority, tags, due }

/** The input of `tasks.create`, without the mutation id. */
export interface TaskDraft {
  id?: string | undefined
  title: string
  description?: string | null | undefined
  listId?: string | null | undefined
  complete?: boolean | undefined
  priority?: Priority | undefined
  tags?: string[] | undefined
  due?: Due | null | undefined
  /** The task of the same list after which to place it, not one in the trash; null: first; absent: last. */
  after?: string | null | undefined
}

/** What `tasks.update` and a bulk update may change. */
export interface TaskChanges {
  title?: string | undefined
  description?: string | null | undefined
  complete?: boolean | undefined
  priority?: Priority | undefined
  tags?: string[] | undefined
  due?: Due | null | undefined
  /**
   * Moves the due to this date and keeps its time and zone; a task without a due becomes all-day. Not together with
   * `due`.
   */
  dueDate?: string | undefined
}

const draft = {
  id: id.optional(),
  title,
  description: description.optional(),
  listId: id.nullable().optional(),
  complete: z.boolean().optional(),
  priority: priority.optional(),
  tags: tags.optional(),
  due: due.optional(),
  after: id.nullable().optional(),
}

export const taskChanges: z.ZodType<TaskChanges, TaskChanges> = z
  .strictObject({
    title: title.optional(),
    description: description.optional(),
    complete: z.boolean().optional(),
    priority: priority.optional(),
    tags: tags.optional(),
    due: due.optional(),
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

export const task: z.ZodType<Task, Task> = z
  .object({
    id: z.string(),
    spaceId: z.string(),
    userId: z.string().nullable(),
    listId: z.string().nullable(),
    title: z.string(),
    description: z.string().nullable(),
    complete: z.boolean(),
    completedAt: time.nullable(),
    priority: z.enum(PRIORITIES),
    tags: z.array(z.string()),
    due: z
      .union([
        z.strictObject({ date: z.string(), time: z.string(), timeZone: z.string() }),
        z.strictObject({ date: z.string() }),
      ])
      .nullable(),
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
   * The revision of the row that the caller saw: if the row has changed since, the call fails with REVISION_CONFLICT.
   */
  expectedRevision?: number | undefined
}

const onTask = { id, expectedRevision, mutationId }

export const taskCreate: z.ZodType<TaskDraft & Mutating, TaskDraft & Mutating> = z.strictObject({
  ...draft,
  mutationId,
})
export const taskCreateMany: z.ZodType<{ tasks: TaskDraft[] } & Mutating, { tasks: TaskDraft[] } & Mutating> =
  z.strictObject({
    tasks: arrayOf(z.strictObject(draft), {
      min: 1,
      max: LIMITS.tasksPerCall,
      tooFew: 'is empty; give at least one task',
      tooMany: `holds more than ${LIMITS.tasksPerCall} tasks; send them in parts`,
    }),
    mutationId,
  })
export const taskGet: z.ZodType<{ id: string }, { id: string }> = z.strictObject({ id })
export const taskUpdate: z.ZodType<OnTask & { changes: TaskChanges }, OnTask & { changes: TaskChanges }> =
  z.strictObject({ ...onTask, changes: taskChanges })
export const taskComplete: z.ZodType<OnTask & { complete: boolean }, OnTask & { complete?: boolean | undefined }> =
  z.strictObject({ ...onTask, complete: z.boolean().default(true) })

export interface TaskMove extends OnTask {
  /** The target list, null for the inbox; absent: the task stays in its list. */
  listId?: string | null | undefined
  /** The task of the target list after which to place it, not one in the trash; null: first; absent: last. */
  after?: string | null | undefined
}
export const taskMove: z.ZodType<TaskMove, TaskMove> = z.strictObject({
  ...onTask,
  listId: id.nullable().optional(),
  after: id.nullable().optional(),
})
export const taskReference: z.ZodType<OnTask, OnTask> = z.strictObject(onTask)
