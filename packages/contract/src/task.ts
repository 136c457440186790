import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { mergeTags, multiLine, singleLine, told } from './text.ts'
import { arrayOf, date, expectedRevision, fieldsAreKnown, id, mutationId, revision, time, timeZone } from './values.ts'

export const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

/** An all-day date, or a wall-clock time in a zone of the IANA database. */
export type Due =
  | { date: string; time?: undefined; timeZone?: undefined }
  | { date: string; time: string; timeZone: string }

/** A task as every reply shows it. */
export interface Task {
  id: string
  /** The space that it belongs to. */
  spaceId: string
  /** The account that made it; null where a space's own service did. It is kept after that account is erased. */
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
  /** The instant of a `due` with a time; an all-day date is none. */
  dueAt: string | null
  /** Orders the list's live tasks, compared bytewise. */
  position: string
  /** The Change that last touched this task. */
  revision: number
  createdAt: string
  updatedAt: string
  /** In the trash since. */
  deletedAt: string | null
}

const title = singleLine({ max: LIMITS.title })
const description = multiLine({ max: LIMITS.description }).nullable()
export const priority: z.ZodType<Priority, Priority> = z.enum(PRIORITIES, {
  error: told(`is not one of ${PRIORITIES.join(', ')}`),
})
export const tagText: z.ZodType<string, string> = singleLine({ max: LIMITS.tag })
const tags = arrayOf(tagText, { max: LIMITS.tagsSent, tooMany: `holds more than ${LIMITS.tagsSent} tags` })
  .overwrite(mergeTags)
  .refine((list) => list.length <= LIMITS.tagsPerTask, { error: `holds more than ${LIMITS.tagsPerTask} tags` })

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'is not a time of day, written HH:MM' })
// The three days at each end of the calendar have instants outside of it in some zone.
const inEveryZone = (d: string): boolean => d >= '0001-01-03' && d <= '9999-12-29'
const dateInEveryZone = date.refine(inEveryZone, { error: 'does not lie between 0001-01-03 and 9999-12-29' })
const due = z
  .strictObject({ date, time: clock.optional(), timeZone: timeZone.optional() })
  .refine((d) => (d.time === undefined) === (d.timeZone === undefined), {
    error: 'needs both time and timeZone, or neither for an all-day date',
    when: fieldsAreKnown,
  })
  .refine((d) => d.time === undefined || inEveryZone(d.date), {
    error: 'with a time lies between 0001-01-03 and 9999-12-29',
    path: ['date'],
    when: fieldsAreKnown,
  })
  // The first refinement makes it one of the two shapes of Due.
  .nullable() as unknown as z.ZodType<Due | null, Due | null>

const content = { title, description, complete: z.boolean(), priority, tags, due }

/** What `tasks.create` takes, apart from the mutation's own id. */
export interface TaskDraft {
  id?: string | undefined
  title: string
  description?: string | null | undefined
  listId?: string | null | undefined
  complete?: boolean | undefined
  priority?: Priority | undefined
  tags?: string[] | undefined
  due?: Due | null | undefined
  /** The live task of the same list behind which it goes; null is first, absent is last. */
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
  /** Moves the due to this date, and keeps its time and zone; without a due before it is all day. Not beside `due`. */
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
    error: 'goes without due, which holds the date already',
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

/** An input that may carry the mutation's id. */
export interface Mutating {
  mutationId?: string | undefined
}
/** An input on one row, which may say what revision of it the caller saw. */
export interface OnTask extends Mutating {
  id: string
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
  /** The target list, null for the inbox; absent is the list that it is in. */
  listId?: string | null | undefined
  /** The live task of the target list behind which it goes; null is first, absent is last. */
  after?: string | null | undefined
}
export const taskMove: z.ZodType<TaskMove, TaskMove> = z.strictObject({
  ...onTask,
  listId: id.nullable().optional(),
  after: id.nullable().optional(),
})
export const taskOnly: z.ZodType<OnTask, OnTask> = z.strictObject(onTask)
