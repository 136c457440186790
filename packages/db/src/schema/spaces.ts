import { sql } from 'drizzle-orm'
import { check, foreignKey, index, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import { inDomain, instant, spacePolicies, tw } from './parts.ts'

/** A space. Its row is the revision counter of its Changes, and the lock of every mutation in it. */
export const spaces = tw.table(
  'spaces',
  {
    /** A personal space has the id of its account. */
    id: uuid('id').notNull(),
    kind: inDomain('space_kind', 'kind')
      .notNull()
      .default(sql`'personal'`),
    ownerId: uuid('owner_id').notNull(),
    name: inDomain('space_name', 'name')
      .notNull()
      .default(sql`'Personal'`),
    /** The latest revision. */
    revision: inDomain('head', 'revision').notNull().default(0),
    /** The time of the last Change. Later Changes never have an earlier time, even if the clock is set back. */
    changedAt: instant('changed_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'spaces_pkey', columns: [t.id] }),
    // The only table of a space with a foreign key to accounts, so that erasing an account takes its locks in the same
    // order as a mutation.
    foreignKey({ name: 'spaces_owner_id_fkey', columns: [t.ownerId], foreignColumns: [users.id] }).onDelete('cascade'),
    check('spaces_owner_id_check', sql`${t.ownerId} = ${t.id}`),
    // For erasing an account.
    index('spaces_owner_id_idx').on(t.ownerId),
    ...spacePolicies('spaces', sql`id`),
  ],
)
