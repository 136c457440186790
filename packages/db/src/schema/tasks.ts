import { LIMITS } from '@taskwire/contract'
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  primaryKey,
  smallint,
  text,
  time,
  uuid,
} from 'drizzle-orm/pg-core'
import { spaces } from './spaces.ts'
import { lists } from './lists.ts'
import { fence, instant, isLine, isPosition, isText, tw } from './parts.ts'

export const tasks = tw.table(
  'tasks',
  {
    spaceId: uuid('space_id').notNull(),
    id: uuid('id').notNull(),
    /** The account that made it; no reference, since it is kept after that account is erased. */
    userId: uuid('user_id'),
    listId: uuid('list_id'),
    title: text('title').notNull(),
    description: text('description'),
    complete: boolean('complete').notNull().default(false),
    completedAt: instant('completed_at'),
    /** The rank in the contract's PRIORITIES: a number, since enum operators are no index conditions behind a policy. */
    priority: smallint('priority').notNull().default(0),
    tags: text('tags')
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** The tags as they are compared, made by the service: lower() is not JavaScript's. */
    tagKeys: text('tag_keys')
      .array()
      .notNull()
      .default(sql`'{}'`),
    dueDate: date('due_date', { mode: 'string' }),
    dueTime: time('due_time', { precision: 0 }),
    dueZone: text('due_zone'),
    /** The instant of a due with a time. Set by the statement and not generated, since time-zone data changes. */
    dueAt: instant('due_at'),
    position: text('position').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    primaryKey({ name: 'tasks_pkey', columns: [t.spaceId, t.id] }),
    foreignKey({ name: 'tasks_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete('cascade'),
    // Deleting a list moves its tasks by itself, with their Changes; NO ACTION makes sure of it.
    foreignKey({
      name: 'tasks_list_id_fkey',
      columns: [t.spaceId, t.listId],
      foreignColumns: [lists.spaceId, lists.id],
    }),
    check('tasks_title_check', isLine('title', LIMITS.title)),
    check('tasks_description_check', isText('description', LIMITS.description)),
    check('tasks_completed_at_check', sql`${t.complete} = (${t.completedAt} is not null)`),
    check('tasks_priority_check', sql`${t.priority} between 0 and 4`),
    // Most have none: the function costs more than all other checks together.
    check(
      'tasks_tags_check',
      sql.raw(`tags = '{}' and tag_keys = '{}' or tw.valid_tags(tags, tag_keys, ${LIMITS.tagsPerTask}, ${LIMITS.tag})`),
    ),
    check(
      'tasks_due_check',
      sql`(${t.dueTime} is null) = (${t.dueZone} is null) and (${t.dueTime} is null) = (${t.dueAt} is null) and (${t.dueDate} is not null or ${t.dueTime} is null)`,
    ),
    check('tasks_due_date_check', sql`${t.dueDate} between '0001-01-01' and '9999-12-31'`),
    // PostgreSQL has a 24:00 too.
    check('tasks_due_time_check', sql`extract(second from ${t.dueTime}) = 0 and ${t.dueTime} < '24:00'`),
    check('tasks_due_zone_check', sql`char_length(${t.dueZone}) between 1 and 100`),
    check('tasks_due_at_check', sql`${t.dueAt} between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999+00'`),
    check('tasks_position_check', isPosition),
    check('tasks_revision_check', sql`${t.revision} > 0`),
    check('tasks_updated_at_check', sql`${t.updatedAt} >= ${t.createdAt}`),
    index('tasks_created_at_idx')
      .on(t.spaceId, t.createdAt, t.id)
      .where(sql`deleted_at is null`),
    // For deleting a list, and for erasing an account that has many.
    index('tasks_list_id_idx')
      .on(t.spaceId, t.listId)
      .where(sql`list_id is not null`),
    // Not coalesce(), which PostgreSQL takes for leaky: behind a policy it is no index condition.
    index('tasks_due_idx')
      .on(t.spaceId, t.dueDate, sql`(case when due_at is null then '-infinity' else due_at end)`, t.id)
      .where(sql`deleted_at is null`),
    ...fence('tasks'),
  ],
)
