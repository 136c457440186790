import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { spaces } from './spaces.ts'
import { lists } from './lists.ts'
import { inDomain, instant, spacePolicies, tw } from './parts.ts'

export const tasks = tw.table(
  'tasks',
  {
    spaceId: uuid('space_id').notNull(),
    id: uuid('id').notNull(),
    /** The account that created it; no foreign key, since the task is kept after that account is erased. */
    userId: uuid('user_id'),
    listId: uuid('list_id'),
    title: inDomain('title').notNull(),
    description: inDomain('description'),
    complete: boolean('complete').notNull().default(false),
    completedAt: instant('completed_at'),
    /**
     * The rank in the contract's PRIORITIES. Not an enum: under row-level security its operators could not use an
     * index, as they are not leakproof.
     */
    priority: inDomain('priority').notNull().default(0),
    tags: inDomain('tags')
      .notNull()
      .default(sql`'{}'`),
    /** The keys by which tags are compared. Computed by the service only, since PostgreSQL's lower() differs. */
    tagKeys: inDomain('tag_keys')
      .notNull()
      .default(sql`'{}'`),
    dueDate: inDomain('due_date'),
    dueTime: inDomain('due_time'),
    dueZone: inDomain('time_zone', 'due_zone'),
    /** The instant of a due date with a time. Not a generated column, since time-zone data changes. */
    dueAt: inDomain('due_instant', 'due_at'),
    /** Compared bytewise, with collation "C". */
    position: inDomain('position').notNull(),
    revision: inDomain('revision').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    primaryKey({ name: 'tasks_pkey', columns: [t.spaceId, t.id] }),
    foreignKey({ name: 'tasks_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete('cascade'),
    // NO ACTION: before a list is deleted, its tasks must be moved and their Changes logged.
    foreignKey({
      name: 'tasks_list_id_fkey',
      columns: [t.spaceId, t.listId],
      foreignColumns: [lists.spaceId, lists.id],
    }),
    check('tasks_completed_at_check', sql`${t.complete} = (${t.completedAt} is not null)`),
    check('tasks_tags_check', sql`cardinality(${t.tags}) = cardinality(${t.tagKeys})`),
    check(
      'tasks_due_check',
      sql`(${t.dueTime} is null) = (${t.dueZone} is null) and (${t.dueTime} is null) = (${t.dueAt} is null) and (${t.dueDate} is not null or ${t.dueTime} is null)`,
    ),
    check('tasks_updated_at_check', sql`${t.updatedAt} >= ${t.createdAt}`),
    index('tasks_created_at_idx')
      .on(t.spaceId, t.createdAt, t.id)
      .where(sql`deleted_at is null`),
    // For deleting a list, and for erasing an account with many lists.
    index('tasks_list_id_idx')
      .on(t.spaceId, t.listId)
      .where(sql`list_id is not null`),
    // `case` instead of coalesce(), which is not leakproof and so cannot be an index condition under row-level
    // security.
    index('tasks_due_idx')
      .on(t.spaceId, t.dueDate, sql`(case when due_at is null then '-infinity' else due_at end)`, t.id)
      .where(sql`deleted_at is null`),
    ...spacePolicies('tasks'),
  ],
)
