import { sql } from 'drizzle-orm'
import { bigint, boolean, customType, date, pgSchema, smallint, text, time, timestamp, uuid } from 'drizzle-orm/pg-core'

/** The tables, declared as in https://orm.drizzle.team/docs/sql-schema-declaration. The migrations have the constraints. */
const tw = pgSchema('tw')
const auth = pgSchema('auth')
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' })
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

export const tasks = tw.table('tasks', {
  spaceId: uuid('space_id').notNull(),
  userId: uuid('user_id'),
  id: uuid('id').notNull(),
  listId: uuid('list_id'),
  title: text('title').notNull(),
  description: text('description'),
  complete: boolean('complete').notNull().default(false),
  completedAt: instant('completed_at'),
  priority: smallint('priority').notNull().default(0),
  tags: text('tags')
    .array()
    .notNull()
    .default(sql`'{}'`),
  tagKeys: text('tag_keys')
    .array()
    .notNull()
    .default(sql`'{}'`),
  dueDate: date('due_date', { mode: 'string' }),
  dueTime: time('due_time'),
  dueZone: text('due_zone'),
  dueAt: instant('due_at'),
  position: text('position').notNull(),
  revision: bigint('revision', { mode: 'number' }).notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  deletedAt: instant('deleted_at'),
})

export const sessions = auth.table('sessions', {
  userId: uuid('user_id').notNull(),
  tokenHash: bytea('token_hash').notNull(),
  expiresAt: instant('expires_at').notNull(),
})
