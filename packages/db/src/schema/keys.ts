import { LIMITS, SCOPES } from '@taskwire/contract'
import { sql } from 'drizzle-orm'
import { check, foreignKey, index, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import { spaces } from './spaces.ts'
import { account, bytea, closed, fence, instant, isLine, tw } from './parts.ts'

const scopes = sql.raw(`scopes <@ array[${SCOPES.map((scope) => `'${scope}'`).join(', ')}] and cardinality(scopes) > 0`)

/** Keys of users: each acts for its owner only. */
export const apiKeys = tw.table(
  'api_keys',
  {
    userId: uuid('user_id').notNull(),
    id: uuid('id').notNull(),
    /** The one space that it acts in; null for its owner's personal space, or the one that the call names. */
    spaceId: uuid('space_id'),
    name: text('name').notNull(),
    scopes: text('scopes').array().notNull(),
    /** sha256 of the secret, which is stored nowhere. */
    secretHash: bytea('secret_hash').notNull(),
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
    check('api_keys_name_check', isLine('name', LIMITS.keyName)),
    check('api_keys_scopes_check', scopes),
    // What belongs to the account is in its personal space alone.
    check('api_keys_space_id_check', sql`${t.spaceId} is null or not 'account' = any (${t.scopes})`),
    check('api_keys_secret_hash_check', sql`octet_length(${t.secretHash}) = 32`),
    // Not unique: a unique key would have to begin with user_id, and sha256 does not collide.
    index('api_keys_secret_hash_idx').on(t.secretHash),
    ...fence('api_keys', sql`user_id`, account),
  ],
)

/** Keys of the operator's, owned by nobody: a call names its user beside the key. */
export const serviceKeys = tw.table(
  'service_keys',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    scopes: text('scopes').array().notNull(),
    secretHash: bytea('secret_hash').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at'),
  },
  (t) => [
    primaryKey({ name: 'service_keys_pkey', columns: [t.id] }),
    unique('service_keys_secret_hash_key').on(t.secretHash),
    unique('service_keys_name_key').on(t.name),
    check('service_keys_name_check', isLine('name', LIMITS.keyName)),
    check(
      'service_keys_scopes_check',
      sql.raw(`scopes <@ array['tasks:read', 'tasks:write'] and cardinality(scopes) > 0`),
    ),
    check('service_keys_secret_hash_check', sql`octet_length(${t.secretHash}) = 32`),
    ...closed('service_keys'),
  ],
)
