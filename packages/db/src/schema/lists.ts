import { sql } from 'drizzle-orm'
import { check, foreignKey, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { spaces } from './spaces.ts'
import { inDomain, instant, spacePolicies, tw } from './parts.ts'

export const lists = tw.table(
  'lists',
  {
    spaceId: uuid('space_id').notNull(),
    id: uuid('id').notNull(),
    name: inDomain('list_name', 'name').notNull(),
    /** The name as compared for uniqueness: lower case by JavaScript, then NFC. */
    nameKey: text('name_key').notNull(),
    /** Compared bytewise, with collation "C". */
    position: inDomain('position').notNull(),
    revision: inDomain('revision').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'lists_pkey', columns: [t.spaceId, t.id] }),
    foreignKey({ name: 'lists_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete('cascade'),
    unique('lists_name_key').on(t.spaceId, t.nameKey),
    unique('lists_position_key').on(t.spaceId, t.position),
    // The id of the space stands for the inbox in tasks_position_key.
    check('lists_id_check', sql`${t.id} <> ${t.spaceId}`),
    ...spacePolicies('lists'),
  ],
)
