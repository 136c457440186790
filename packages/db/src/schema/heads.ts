import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import { fence, instant, tw } from './parts.ts'

/** One row a user: the counter that orders all of a user's changes, and the lock of every mutation. */
export const userHeads = tw.table(
  'user_heads',
  {
    userId: uuid('user_id').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    /** When the last Change was made: a clock set back does not make times fall. */
    changedAt: instant('changed_at').notNull().defaultNow(),
    timeZone: text('time_zone').notNull().default('UTC'),
  },
  (t) => [
    primaryKey({ name: 'user_heads_pkey', columns: [t.userId] }),
    // The only table that refers to the users: all others refer to this one, so that erasing an
    // account and a mutation take their locks in one order.
    foreignKey({ name: 'user_heads_user_id_fkey', columns: [t.userId], foreignColumns: [users.id] }).onDelete(
      'cascade',
    ),
    check('user_heads_revision_check', sql`${t.revision} >= 0`),
    check('user_heads_time_zone_check', sql`char_length(${t.timeZone}) between 1 and 100`),
    ...fence('user_heads'),
  ],
)
