import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { priority, tagText } from './field-schemas.ts'
import type { Priority } from './fields.ts'
import { type Mutating, type TaskChanges, taskChanges } from './task.ts'
import { searchWords } from './search.ts'
import { quoted, singleLine, requiredMessage } from './text.ts'
import { arrayOf, countUpTo, date, fieldsAreKnown, id, mutationId, paging, timeInput, timeZone } from './values.ts'
import type { Schema } from './schema.ts'

/**
 * A bound of a due: a date or an instant. A date is compared with the date of an all-day due, or with the date that a
 * timed due has in the zone of the call. An instant is compared with the instant of a timed due; with an all-day due,
 * the instant's date in the zone of the call is compared.
 */
const bound = z.union([date, timeInput], { error: 'is neither a date (YYYY-MM-DD) nor an ISO-8601 time with a zone' })

/** Needs at least one field. `on` is a date; `before` and `after` are each a date or an instant, and exclusive. */
export interface DueRange {
  on?: string | undefined
  before?: string | undefined
  after?: string | undefined
}

/** Which tasks to select; the fields combine by AND. */
export interface TaskFilter {
  complete?: boolean | undefined
  priority?: Priority[] | undefined
  /** Tasks with every tag of `all`, or with at least one of `any`; case is ignored. */
  tags?: { all: string[]; any?: undefined } | { any: string[]; all?: undefined } | undefined
  /** A list's id, null for the inbox, or an array of these; absent: any list. */
  listId?: string | null | (string | null)[] | undefined
  /** A range; `today`; `overdue` (open tasks only); or `none`, for tasks without a due. */
  due?: DueRange | 'today' | 'overdue' | 'none' | undefined
  /**
   * Every word must be the beginning of a word in the title or description, ignoring case and accents; a symbol or
   * emoji matches anywhere. A blank search is ignored.
   */
  search?: string | undefined
  trash?: 'without' | 'only' | 'with' | undefined
}

const someOf = <T>(item: Schema<T>, field: keyof TaskFilter): Schema<T[]> =>
  arrayOf(item, {
    min: 1,
    max: LIMITS.filterValues,
    tooFew: `is empty; leave out \`${field}\` to match all tasks`,
    tooMany: `holds more than ${LIMITS.filterValues} values`,
  })

const TRASH = ['without', 'only', 'with'] as const

const filterFields = z.strictObject({
  complete: z.boolean().optional(),
  priority: someOf(priority, 'priority').optional(),
  tags: z
    .strictObject({ all: someOf(tagText, 'tags').optional(), any: someOf(tagText, 'tags').optional() })
    .refine((t) => (t.all === undefined) !== (t.any === undefined), {
      error: 'needs exactly one of all and any',
      when: fieldsAreKnown,
    })
    // The refinement leaves exactly one of the two.
    .optional() as unknown as Schema<TaskFilter['tags']>,
  listId: z
    .union([id.nullable(), someOf(id.nullable(), 'listId')], {
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
            error: 'needs at least one of on, before and after',
            when: fieldsAreKnown,
          }),
      ],
      {
        error:
          "must be 'today', 'overdue', 'none', or an object with on (a date), before or after (each a date or an instant)",
      },
    )
    .optional(),
  search: singleLine({ min: 0, max: LIMITS.search })
    .refine((s) => searchWords(s).length <= LIMITS.searchWords, { error: `has more than ${LIMITS.searchWords} words` })
    .optional(),
  trash: z.enum(TRASH, { error: `is not one of ${quoted(TRASH)}` }).optional(),
})
/** Drops a blank search. */
export const taskFilter: Schema<TaskFilter> = filterFields.transform(({ search, ...others }) =>
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
/** The order of a page. Ties are broken by id; null comes last in both directions. */
export interface TaskSort {
  by: (typeof SORTS)[number]
  direction: 'asc' | 'desc'
}
const sort = z
  .strictObject({
    by: z.enum(SORTS, { error: requiredMessage(`is not one of ${quoted(SORTS)}`) }),
    direction: z.enum(['asc', 'desc'], { error: requiredMessage("is neither 'asc' nor 'desc'") }),
  })
  .default({ by: 'createdAt', direction: 'desc' })

export interface TaskListInput {
  filter?: TaskFilter | undefined
  sort?: TaskSort | undefined
  /** Overrides the account's zone for `today`, `overdue` and the date of an instant. */
  timeZone?: string | undefined
  /** 1 to 100. */
  limit?: number | undefined
  /** `nextCursor` of the previous page, with the same filter, sort and zone; null or absent returns the first page. */
  cursor?: string | null | undefined
}
export const taskList: Schema<TaskListInput & { sort: TaskSort; limit: number }, TaskListInput> = z.strictObject({
  filter: taskFilter.optional(),
  sort,
  timeZone: timeZone.optional(),
  ...paging,
})

export interface TaskCountInput {
  filter?: TaskFilter | undefined
  timeZone?: string | undefined
}
export const taskCount: Schema<TaskCountInput> = z.strictObject({
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
  /** Changes nothing, and returns what would be affected. */
  dryRun?: boolean | undefined
  /** If more tasks would be affected, nothing changes, and the call fails. Required with `filter`. */
  maxAffected?: number | undefined
  timeZone?: string | undefined
}

const ACTIONS = ['update', 'complete', 'move', 'delete', 'restore', 'purge'] as const
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
  { error: `must be one of the actions ${quoted(ACTIONS)}` },
)

/** True if there is no filter, or it has a field other than `trash`. To restore or purge, `trash: 'only'` is enough. */
function isSelective({ filter, action }: TaskBulk): boolean {
  if (filter === undefined) return true
  if (filter.trash === 'only' && (action.type === 'restore' || action.type === 'purge')) return true
  return Object.entries(filter).some(([key, value]) => key !== 'trash' && value !== undefined)
}

export const taskBulk: Schema<TaskBulk> = z
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
    maxAffected: countUpTo(LIMITS.tasksPerMutation).optional(),
    timeZone: timeZone.optional(),
    mutationId,
  })
  .refine((b) => (b.ids === undefined) !== (b.filter === undefined), {
    error: 'needs exactly one of ids and filter',
    when: fieldsAreKnown,
  })
  .refine(isSelective, {
    error: "needs a field other than trash; only to restore or purge, trash: 'only' is enough",
    path: ['filter'],
    when: fieldsAreKnown,
  })
  .refine((b) => b.filter === undefined || b.maxAffected !== undefined, {
    error: 'is required with filter',
    path: ['maxAffected'],
    when: fieldsAreKnown,
  })
