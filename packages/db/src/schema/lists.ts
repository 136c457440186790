import { LIMITS } from '@taskwire/contract'
import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { spaces } from './spaces.ts'
import { fence, instant, isLine, isPosition, tw } from './parts.ts'

export const lists = tw.table(
  'lists',
  {
    spaceId: uuid('space_id').notNull(),
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
    primaryKey({ name: 'lists_pkey', columns: [t.spaceId, t.id] }),
    foreignKey({ name: 'lists_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete('cascade'),
    unique('lists_name_key').on(t.spaceId, t.nameKey),
    unique('lists_position_key').on(t.spaceId, t.position),
    check('lists_name_check', isLine('name', LIMITS.listName)),
    // The inbox goes by the id of its space where positions are unique (tasks_position_key).
    check('lists_id_check', sql`${t.id} <> ${t.spaceId}`),
    check('lists_revision_check', sql`${t.revision} > 0`),
    check('lists_position_check', isPosition),
    ...fence('lists'),
  ],
)
