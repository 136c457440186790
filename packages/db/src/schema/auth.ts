import { LIMITS } from '@taskwire/contract'
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  pgPolicy,
  pgSchema,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, fence, instant, isLine, signIn, signInOnly } from './parts.ts'

/**
 * The sign-in library's tables, and nobody else's: it reaches them as taskwire_auth. The columns
 * are those that better-auth writes (the property names are its field names); the ones for other
 * providers' tokens stay null as long as an e-mail address and a password are the only way in.
 */
export const auth = pgSchema('auth')

const id = () => uuid('id').notNull().defaultRandom()
const createdAt = () => instant('created_at').notNull().defaultNow()
const updatedAt = () => instant('updated_at').notNull().defaultNow()

export const users = auth.table(
  'users',
  {
    id: id(),
    name: text('name').notNull(),
    /** In lower case, so that one address is one account. */
    email: text('email').notNull(),
    emailVerified: boolean('email_verified').notNull().default(false),
    image: text('image'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: 'users_pkey', columns: [t.id] }),
    unique('users_email_key').on(t.email),
    // It says that nobody calls.
    check('users_id_check', sql`${t.id} <> '00000000-0000-0000-0000-000000000000'`),
    check('users_name_check', isLine('name', LIMITS.accountName)),
    check('users_email_check', sql`${t.email} = lower(${t.email}) and char_length(${t.email}) between 3 and 320`),
    ...fence('users', sql`id`),
    pgPolicy('users_auth', { to: signIn, using: sql`true`, withCheck: sql`true` }),
  ],
)

export const sessions = auth.table(
  'sessions',
  {
    id: id(),
    userId: uuid('user_id').notNull(),
    /** sha256 of the token, which is stored nowhere. */
    tokenHash: bytea('token_hash').notNull(),
    expiresAt: instant('expires_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: 'sessions_pkey', columns: [t.id] }),
    unique('sessions_token_hash_key').on(t.tokenHash),
    foreignKey({ name: 'sessions_user_id_fkey', columns: [t.userId], foreignColumns: [users.id] }).onDelete('cascade'),
    check('sessions_token_hash_check', sql`octet_length(${t.tokenHash}) = 32`),
    index('sessions_user_id_idx').on(t.userId),
    // For clearing away what has expired.
    index('sessions_expires_at_idx').on(t.expiresAt),
    ...signInOnly('sessions'),
  ],
)

/** A way to sign in: for `credential`, the password's hash. */
export const accounts = auth.table(
  'accounts',
  {
    id: id(),
    userId: uuid('user_id').notNull(),
    providerId: text('provider_id').notNull(),
    accountId: text('account_id').notNull(),
    password: text('password'),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: instant('access_token_expires_at'),
    refreshTokenExpiresAt: instant('refresh_token_expires_at'),
    scope: text('scope'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: 'accounts_pkey', columns: [t.id] }),
    unique('accounts_provider_id_account_id_key').on(t.providerId, t.accountId),
    foreignKey({ name: 'accounts_user_id_fkey', columns: [t.userId], foreignColumns: [users.id] }).onDelete('cascade'),
    index('accounts_user_id_idx').on(t.userId),
    ...signInOnly('accounts'),
  ],
)

/** Tries with a password, counted together by every process that serves; each row is a leaky bucket. */
export const tries = auth.table(
  'tries',
  {
    /** A keyed hash of the account or the address that is counted. */
    key: bytea('key').notNull(),
    /** Each try moves it on; what lies behind now is forgotten. */
    spentUntil: instant('spent_until').notNull(),
  },
  (t) => [
    primaryKey({ name: 'tries_pkey', columns: [t.key] }),
    check('tries_key_check', sql`octet_length(${t.key}) = 32`),
    index('tries_spent_until_idx').on(t.spentUntil),
    ...signInOnly('tries'),
  ],
)

/** Proofs sent by mail. Empty as long as the service sends no mail; the library insists on the table. */
export const verifications = auth.table(
  'verifications',
  {
    id: id(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: 'verifications_pkey', columns: [t.id] }),
    index('verifications_identifier_idx').on(t.identifier),
    ...signInOnly('verifications'),
  ],
)
