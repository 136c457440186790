import { sql } from 'drizzle-orm'
import { check, foreignKey, index, primaryKey, unique, uuid } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import { spaces } from './spaces.ts'
import { account, closedPolicies, inDomain, instant, spacePolicies, tw } from './parts.ts'

/** API keys of users: each acts for its owner only. */
export const apiKeys = tw.table(
  'api_keys',
  {
    userId: uuid('user_id').notNull(),
    id: uuid('id').notNull(),
    /** The only space that the key may act in; null if the call chooses one, by default the owner's personal space. */
    spaceId: uuid('space_id'),
    name: inDomain('key_name', 'name').notNull(),
    scopes: inDomain('scopes').notNull(),
    /** sha256 of the secret, which is stored nowhere. */
    secretHash: inDomain('sha256', 'secret_hash').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
  },
  (t) => [
    primaryKey({ name: 'api_keys_pkey', columns: [t.userId, t.id] }),
    foreignKey({ name: 'api_keys_user_id_fkey', columns: [t.userId], foreignColumns: [users.id] }).onDelete('cascade'),
    foreignKey({ name: 'api_keys_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete(
      'cascade',
    ),
    index('api_keys_space_id_idx')
      .on(t.spaceId)
      .where(sql`space_id is not null`),
    // A key with the account scope is not limited to one space.
    check('api_keys_space_id_check', sql`${t.spaceId} is null or not 'account' = any (${t.scopes})`),
    // Not unique: a unique key would have to begin with user_id, and sha256 has no collisions.
    index('api_keys_secret_hash_idx').on(t.secretHash),
    ...spacePolicies('api_keys', sql`user_id`, account),
  ],
)

/** Service keys, created by the operator. They have no owner: a call with one names the user that it acts for. */
export const serviceKeys = tw.table(
  'service_keys',
  {
    id: uuid('id').notNull(),
    name: inDomain('key_name', 'name').notNull(),
    scopes: inDomain('service_scopes', 'scopes').notNull(),
    secretHash: inDomain('sha256', 'secret_hash').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at'),
  },
  (t) => [
    primaryKey({ name: 'service_keys_pkey', columns: [t.id] }),
    unique('service_keys_secret_hash_key').on(t.secretHash),
    unique('service_keys_name_key').on(t.name),
    ...closedPolicies('service_keys'),
  ],
)
