import { LIMITS } from '@taskwire/contract'
import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { userHeads } from './heads.ts'
import { fence, instant, isLine, isPosition, tw } from './parts.ts'

export const lists = tw.table(
  'lists',
  {
    userId: uuid('user_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** The name as it counts for uniqueness: lower case by JavaScript, then NFC. */
    nameKey: text('name_key').notNull(),
    position: text('position').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'lists_pkey', columns: [t.userId, t.id] }),
    foreignKey({ name: 'lists_user_id_fkey', columns: [t.userId], foreignColumns: [userHeads.userId] }).onDelete(
      'cascade',
    ),
    unique('lists_name_key').on(t.userId, t.nameKey),
    unique('lists_position_key').on(t.userId, t.position),
    check('lists_name_check', isLine('name', LIMITS.listName)),
    // The inbox goes by the user's own id where positions are unique (tasks_position_key).
    check('lists_id_check', sql`${t.id} <> ${t.userId}`),
    check('lists_revision_check', sql`${t.revision} > 0`),
    check('lists_position_check', isPosition),
    ...fence('lists'),
  ],
)
