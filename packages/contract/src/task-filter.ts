import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { type Mutating, priority, type Priority, tagText, type TaskChanges, taskChanges } from './task.ts'
import { searchWords } from './search.ts'
import { singleLine, told } from './text.ts'
import { arrayOf, date, fieldsAreKnown, id, mutationId, paging, timeInput, timeZone } from './values.ts'

/**
 * A bound on a due: a date, or an instant. A date is compared with an all-day date, or with the date that a due with a
 * time has in the zone of the call; an instant with that of a due with a time, or its date in the zone with an all-day one.
 */
const bound = z.union([date, timeInput], { error: 'is neither a date (YYYY-MM-DD) nor an ISO-8601 time with a zone' })

/** At least one of them; `on` is a date, the others a date or an instant. */
export interface DueRange {
  on?: string | undefined
  before?: string | undefined
  after?: string | undefined
}

/** Which tasks; fields combine by AND. */
export interface TaskFilter {
  complete?: boolean | undefined
  priority?: Priority[] | undefined
  /** Tags by key: every one of `all`, or one of `any`. */
  tags?: { all: string[]; any?: undefined } | { any: string[]; all?: undefined } | undefined
  /** An id, null for the inbox, or several of these; absent is any list. */
  listId?: string | null | (string | null)[] | undefined
  /** On a date, between two exclusive bounds, each a date or an instant; today, overdue, or without a due. */
  due?: DueRange | 'today' | 'overdue' | 'none' | undefined
  /**
   * Every word, as a prefix of a word in the title or the description, whatever case and accents; a symbol or emoji
   * anywhere. Blank is as if absent.
   */
  search?: string | undefined
  trash?: 'without' | 'only' | 'with' | undefined
}

const someOf = <T>(item: z.ZodType<T, T>): z.ZodType<T[], T[]> =>
  arrayOf(item, {
    min: 1,
    max: LIMITS.filterValues,
    tooFew: 'is empty; leave it out to match any',
    tooMany: `holds more than ${LIMITS.filterValues} values`,
  })

const filterFields = z.strictObject({
  complete: z.boolean().optional(),
  priority: someOf(priority).optional(),
  tags: z
    .strictObject({ all: someOf(tagText).optional(), any: someOf(tagText).optional() })
    .refine((t) => (t.all === undefined) !== (t.any === undefined), {
      error: 'needs one of all and any',
      when: fieldsAreKnown,
    })
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
        z.enum(['today', 'overdue', 'none']),
        z
          .strictObject({ on: date.optional(), before: bound.optional(), after: bound.optional() })
          .refine((d) => (d.on ?? d.before ?? d.after) !== undefined, {
            error: 'needs on, before or after',
            when: fieldsAreKnown,
          }),
      ],
      {
        error:
          "is neither 'today', 'overdue', 'none' nor an object with on (a date), before or after (each a date or an instant)",
      },
    )
    .optional(),
  search: singleLine({ min: 0, max: LIMITS.search })
    .refine((s) => searchWords(s).length <= LIMITS.searchWords, { error: `has more than ${LIMITS.searchWords} words` })
    .optional(),
  trash: z.enum(['without', 'only', 'with'], { error: 'is not one of without, only, with' }).optional(),
})
/** A blank search is dropped. */
export const taskFilter: z.ZodType<TaskFilter, TaskFilter> = filterFields.transform(({ search, ...others }) =>
  search === undefined || searchWords(search).length === 0 ? others : { ...others, search },
)

export const SORTS = [
  'createdAt',
  'updatedAt',
  'completedAt',
  'deletedAt',
  'due',
  'priority',
  'title',
  'position',
] as const
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
  /** Overrides the account's zone, in which `today`, what is overdue and the date of an instant are told. */
  timeZone?: string | undefined
  /** 1 to 100. */
  limit?: number | undefined
  /** `nextCursor` of the page before, with the same filter, sort and zone; null or absent is the first page. */
  cursor?: string | null | undefined
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
  | { type: 'complete'; complete: boolean }
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
    z.strictObject({ type: z.literal('complete'), complete: z.boolean() }),
    z.strictObject({ type: z.literal('move'), listId: id.nullable() }),
    z.strictObject({ type: z.literal('delete') }),
    z.strictObject({ type: z.literal('restore') }),
    z.strictObject({ type: z.literal('purge') }),
  ],
  { error: 'has no type of update, complete, move, delete, restore or purge' },
)

/** The trash alone names enough for what empties it. */
function names({ filter, action }: TaskBulk): boolean {
  if (filter === undefined) return true
  if (filter.trash === 'only' && (action.type === 'restore' || action.type === 'purge')) return true
  return Object.entries(filter).some(([key, value]) => key !== 'trash' && value !== undefined)
}

export const taskBulk: z.ZodType<TaskBulk, TaskBulk> = z
  .strictObject({
    ids: arrayOf(id, {
      min: 1,
      max: LIMITS.tasksPerCall,
      tooFew: 'is empty; give at least one id',
      tooMany: `holds more than ${LIMITS.tasksPerCall} ids; send them in parts`,
    })
      .refine((list) => new Set(list).size === list.length, { error: 'names a task twice' })
      .optional(),
    filter: taskFilter.optional(),
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
  .refine((b) => (b.ids === undefined) !== (b.filter === undefined), {
    error: 'needs exactly one of ids and filter',
    when: fieldsAreKnown,
  })
  .refine(names, {
    error: 'is empty (trash alone is enough only to restore or purge); name the tasks by a field',
    path: ['filter'],
    when: fieldsAreKnown,
  })
  .refine((b) => b.filter === undefined || b.maxAffected !== undefined, {
    error: 'is required with filter',
    path: ['maxAffected'],
    when: fieldsAreKnown,
  })
