import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { mergeTags, multiLine, singleLine, told } from './text.ts'
import { date, expectedRevision, id, mutationId, revision, time, timeInput, timeZone, paging } from './values.ts'

export const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

/** An all-day date, or a wall-clock time in a zone of the IANA database. */
export type Due =
  | { date: string; time?: undefined; timeZone?: undefined }
  | { date: string; time: string; timeZone: string }

/** A task as every reply shows it. */
export interface Task {
  id: string
  /** The owner. */
  userId: string
  /** One of the owner's lists; null is the inbox. */
  listId: string | null
  title: string
  description: string | null
  complete: boolean
  /** Set and cleared with `complete`. */
  completedAt: string | null
  priority: Priority
  tags: string[]
  due: Due | null
  /** The instant of `due`; for an all-day date 00:00 UTC of it, a sort key and not a deadline. */
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
const priority = z.enum(PRIORITIES, { error: told(`is not one of ${PRIORITIES.join(', ')}`) })
export const tagText: z.ZodType<string, string> = singleLine({ max: LIMITS.tag })
const tags = z
  .array(tagText)
  .max(LIMITS.tagsSent, { error: `holds more than ${LIMITS.tagsSent} tags`, abort: true })
  .overwrite(mergeTags)
  .refine((list) => list.length <= LIMITS.tagsPerTask, { error: `holds more than ${LIMITS.tagsPerTask} tags` })

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'is not a time of day, written HH:MM' })
// The three days at each end of the calendar have instants outside of it in some zone.
const inEveryZone = (d: string): boolean => d >= '0001-01-03' && d <= '9999-12-29'
const due = z
  .strictObject({ date, time: clock.optional(), timeZone: timeZone.optional() })
  .refine((d) => (d.time === undefined) === (d.timeZone === undefined), {
    error: 'needs both time and timeZone, or neither for an all-day date',
  })
  .refine((d) => d.time === undefined || inEveryZone(d.date), {
    error: 'with a time lies between 0001-01-03 and 9999-12-29',
    path: ['date'],
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
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    error: `is empty; give at least one of ${Object.keys(content).join(', ')}`,
  })

export const task: z.ZodType<Task, Task> = z
  .object({
    id: z.string(),
    userId: z.string(),
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
    tasks: z
      .array(z.strictObject(draft))
      .min(1, { error: 'is empty; give at least one task' })
      .max(LIMITS.tasksPerCall, { error: `holds more than ${LIMITS.tasksPerCall} tasks; send them in parts` }),
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

/** A bound on a due date: a date, or an instant. */
const bound = z.union([date, timeInput], { error: 'is neither a date (YYYY-MM-DD) nor an ISO-8601 time with a zone' })

/** Which tasks; fields combine by AND. */
export interface TaskFilter {
  complete?: boolean | undefined
  priority?: Priority[] | undefined
  /** Tags by key: every one of `all`, or one of `any`. */
  tags?: { all: string[]; any?: undefined } | { any: string[]; all?: undefined } | undefined
  /** An id, null for the inbox, or several of these; absent is any list. */
  listId?: string | null | (string | null)[] | undefined
  /** Between two bounds, each exclusive; without a due; or overdue. */
  due?: { before?: string | undefined; after?: string | undefined } | 'none' | 'overdue' | undefined
  /** Every word, as a case-insensitive prefix of a word in the title or the description. */
  search?: string | undefined
  trash?: 'without' | 'only' | 'with' | undefined
}

const someOf = <T extends z.ZodType>(item: T): z.ZodArray<T> =>
  z
    .array(item)
    .min(1, { error: 'is empty; leave it out to match any' })
    .max(LIMITS.filterValues, { error: `holds more than ${LIMITS.filterValues} values` })

export const taskFilter: z.ZodType<TaskFilter, TaskFilter> = z.strictObject({
  complete: z.boolean().optional(),
  priority: someOf(priority).optional(),
  tags: z
    .strictObject({ all: someOf(tagText).optional(), any: someOf(tagText).optional() })
    .refine((t) => (t.all === undefined) !== (t.any === undefined), { error: 'needs one of all and any' })
    // The refinement leaves one of the two.
    .optional() as unknown as z.ZodType<TaskFilter['tags'], TaskFilter['tags']>,
  listId: z
    .union([id.nullable(), someOf(id.nullable())], {
      error: 'is not a list id, null for the inbox, or an array of these',
    })
    .optional(),
  due: z
    .union(
      [
        z.enum(['none', 'overdue']),
        z
          .strictObject({ before: bound.optional(), after: bound.optional() })
          .refine((d) => d.before !== undefined || d.after !== undefined, { error: 'needs before or after' }),
      ],
      { error: "is neither 'none', 'overdue' nor an object with before or after, each a date or an instant" },
    )
    .optional(),
  search: singleLine({ max: LIMITS.search })
    .refine((s) => s.split(/\s+/u).length <= LIMITS.searchWords, { error: `has more than ${LIMITS.searchWords} words` })
    .optional(),
  trash: z.enum(['without', 'only', 'with'], { error: 'is not one of without, only, with' }).optional(),
})

export const SORTS = ['createdAt', 'updatedAt', 'due', 'priority', 'title', 'position'] as const
/** The order of a page; ties are broken by id, and null comes last both ways. */
export interface TaskSort {
  by: (typeof SORTS)[number]
  direction: 'asc' | 'desc'
}
const sort = z
  .strictObject({
    by: z.enum(SORTS, { error: told(`is not one of ${SORTS.join(', ')}`) }),
    direction: z.enum(['asc', 'desc'], { error: told('is neither asc nor desc') }),
  })
  .default({ by: 'createdAt', direction: 'desc' })

export interface TaskListInput {
  filter?: TaskFilter | undefined
  sort?: TaskSort | undefined
  /** Overrides the account's zone for what is overdue. */
  timeZone?: string | undefined
  /** 1 to 100. */
  limit?: number | undefined
  cursor?: string | undefined
}
export const taskList: z.ZodType<TaskListInput & { sort: TaskSort; limit: number }, TaskListInput> = z.strictObject({
  filter: taskFilter.optional(),
  sort,
  timeZone: timeZone.optional(),
  ...paging,
})

export interface TaskCountInput {
  filter?: TaskFilter | undefined
  timeZone?: string | undefined
}
export const taskCount: z.ZodType<TaskCountInput, TaskCountInput> = z.strictObject({
  filter: taskFilter.optional(),
  timeZone: timeZone.optional(),
})

/** What a bulk call does to each of its tasks. */
export type BulkAction =
  | { type: 'update'; changes: TaskChanges }
  | { type: 'move'; listId: string | null }
  | { type: 'delete' }
  | { type: 'restore' }
  | { type: 'purge' }

export interface TaskBulk extends Mutating {
  ids?: string[] | undefined
  filter?: TaskFilter | undefined
  action: BulkAction
  /** Only say what would be affected. */
  dryRun?: boolean | undefined
  /** With more tasks than this, nothing changes; required with `filter`. */
  maxAffected?: number | undefined
  timeZone?: string | undefined
}

const bulkAction = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('update'), changes: taskChanges }),
    z.strictObject({ type: z.literal('move'), listId: id.nullable() }),
    z.strictObject({ type: z.literal('delete') }),
    z.strictObject({ type: z.literal('restore') }),
    z.strictObject({ type: z.literal('purge') }),
  ],
  { error: 'has no type of update, move, delete, restore or purge' },
)

const narrows = (filter: TaskFilter): boolean =>
  Object.entries(filter).some(([key, value]) => key !== 'trash' && value !== undefined)

export const taskBulk: z.ZodType<TaskBulk, TaskBulk> = z
  .strictObject({
    ids: z
      .array(id)
      .min(1, { error: 'is empty; give at least one id' })
      .max(LIMITS.tasksPerCall, { error: `holds more than ${LIMITS.tasksPerCall} ids; send them in parts` })
      .refine((list) => new Set(list).size === list.length, { error: 'names a task twice' })
      .optional(),
    filter: taskFilter
      .refine(narrows, { error: 'is empty (trash alone counts as empty); name the tasks by a field' })
      .optional(),
    action: bulkAction,
    dryRun: z.boolean().optional(),
    maxAffected: z
      .int({ error: 'is not a whole number' })
      .min(1, { error: 'is below 1' })
      .max(LIMITS.tasksPerMutation, { error: `is above ${LIMITS.tasksPerMutation}` })
      .optional(),
    timeZone: timeZone.optional(),
    mutationId,
  })
  .refine((b) => (b.ids === undefined) !== (b.filter === undefined), { error: 'needs exactly one of ids and filter' })
  .refine((b) => b.filter === undefined || b.maxAffected !== undefined, {
    error: 'is required with filter',
    path: ['maxAffected'],
  })
