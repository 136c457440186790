import { sql } from 'drizzle-orm'
import { check, foreignKey, index, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import * as domain from './domains.ts'
import { spacePolicies, instant, tw } from './parts.ts'

/** What a call acts in. Its row is the counter that orders all of its Changes, and the lock of every mutation. */
export const spaces = tw.table(
  'spaces',
  {
    /** Of a personal space that of its account. */
    id: uuid('id').notNull(),
    kind: domain
      .spaceKind('kind')
      .notNull()
      .default(sql`'personal'`),
    ownerId: uuid('owner_id').notNull(),
    name: domain
      .spaceName('name')
      .notNull()
      .default(sql`'Personal'`),
    revision: domain.head('revision').notNull().default(0),
    /** When the last Change was made: a clock set back does not make times fall. */
    changedAt: instant('changed_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'spaces_pkey', columns: [t.id] }),
    // Of what belongs to a space no table refers to the accounts but this one, so that erasing an account and a
    // mutation take their locks in one order.
    foreignKey({ name: 'spaces_owner_id_fkey', columns: [t.ownerId], foreignColumns: [users.id] }).onDelete('cascade'),
    check('spaces_owner_id_check', sql`${t.ownerId} = ${t.id}`),
    // Erasing an account looks its spaces up by it.
    index('spaces_owner_id_idx').on(t.ownerId),
    ...spacePolicies('spaces', sql`id`),
  ],
)
