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
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { account, inDomain, instant, signIn, signInPolicies, spacePolicies } from './parts.ts'

/** The tables of sign-in, which has a login of its own: taskwire_auth. */
export const auth = pgSchema('auth')

const id = () => uuid('id').notNull().defaultRandom()
const createdAt = () => instant('created_at').notNull().defaultNow()
const updatedAt = () => instant('updated_at').notNull().defaultNow()

export const users = auth.table(
  'users',
  {
    id: id(),
    name: inDomain('account_name', 'name').notNull(),
    /** In lower case, so that one e-mail address is one account. Null only for an account with an external id. */
    email: inDomain('email'),
    /** The user's id elsewhere: at an issuer of tokens, a host or a service. Null if the account signed up here. */
    externalId: inDomain('external_id'),
    /** sha256 of the issuer whose tokens name this account: the first that sent the external id as subject. */
    issuer: inDomain('sha256', 'issuer'),
    /** When the account was disabled: since then none of its credentials is valid. Null if it is not disabled. */
    disabledAt: instant('disabled_at'),
    emailVerified: boolean('email_verified').notNull().default(false),
    image: text('image'),
    /** Decides when an all-day task is due or overdue. */
    timeZone: inDomain('time_zone')
      .notNull()
      .default(sql`'UTC'`),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: 'users_pkey', columns: [t.id] }),
    // Only for accounts that signed up. The others have the e-mail address that an issuer or service gives, and do not
    // sign in by it.
    uniqueIndex('users_email_key')
      .on(t.email)
      .where(sql`external_id is null`),
    unique('users_external_id_key').on(t.externalId),
    check('users_email_external_id_check', sql`${t.email} is not null or ${t.externalId} is not null`),
    check('users_issuer_external_id_check', sql`${t.issuer} is null or ${t.externalId} is not null`),
    // The nil UUID means that there is no caller.
    check('users_id_check', sql`${t.id} <> '00000000-0000-0000-0000-000000000000'`),
    ...spacePolicies('users', sql`id`, account),
    pgPolicy('users_auth', { to: signIn, using: sql`true`, withCheck: sql`true` }),
  ],
)

export const sessions = auth.table(
  'sessions',
  {
    id: id(),
    userId: uuid('user_id').notNull(),
    /** sha256 of the token, which is stored nowhere. */
    tokenHash: inDomain('sha256', 'token_hash').notNull(),
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
    index('sessions_user_id_idx').on(t.userId),
    // For tw.sweep().
    index('sessions_expires_at_idx').on(t.expiresAt),
    ...signInPolicies('sessions'),
  ],
)

/** A way to sign in. With the provider `credential`, `password` is the hash of the account's password. */
export const accounts = auth.table(
  'accounts',
  {
    id: id(),
    userId: uuid('user_id').notNull(),
    providerId: text('provider_id').notNull(),
    accountId: text('account_id').notNull(),
    password: text('password'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: 'accounts_pkey', columns: [t.id] }),
    unique('accounts_provider_id_account_id_key').on(t.providerId, t.accountId),
    foreignKey({ name: 'accounts_user_id_fkey', columns: [t.userId], foreignColumns: [users.id] }).onDelete('cascade'),
    index('accounts_user_id_idx').on(t.userId),
    ...signInPolicies('accounts'),
  ],
)

/** Sign-in attempts, counted by all processes together; each row is a leaky bucket. */
export const signInAttempts = auth.table(
  'sign_in_attempts',
  {
    /** A keyed hash of what attempts are counted for: an account, a session, or the network of an IP address. */
    key: inDomain('sha256', 'key').notNull(),
    /** Each attempt moves it forward; a time in the past counts as an empty bucket. */
    spentUntil: instant('spent_until').notNull(),
  },
  (t) => [
    primaryKey({ name: 'sign_in_attempts_pkey', columns: [t.key] }),
    index('sign_in_attempts_spent_until_idx').on(t.spentUntil),
    ...signInPolicies('sign_in_attempts'),
  ],
)

/** A link that sets a new password, once. An account has one at most: a new link replaces the earlier one. */
export const passwordResets = auth.table(
  'password_resets',
  {
    userId: uuid('user_id').notNull(),
    /** sha256 of the link's token, which is stored nowhere. */
    tokenHash: inDomain('sha256', 'token_hash').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'password_resets_pkey', columns: [t.userId] }),
    unique('password_resets_token_hash_key').on(t.tokenHash),
    foreignKey({ name: 'password_resets_user_id_fkey', columns: [t.userId], foreignColumns: [users.id] }).onDelete(
      'cascade',
    ),
    ...signInPolicies('password_resets'),
  ],
)
