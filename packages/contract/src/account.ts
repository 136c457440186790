import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Mutating } from './task.ts'
import { tagText } from './field-schemas.ts'
import { exactLine, quoted, requiredMessage, singleLine } from './text.ts'
import { arrayOf, cursor, fieldsAreKnown, id, mutationId, time, timeInput, timeZone } from './values.ts'
import type { Schema } from './schema.ts'

export interface Account {
  id: string
  /** Null only for an account with an `externalId`. */
  email: string | null
  name: string
  /** An IANA time zone, such as `Europe/Berlin`. It decides which tasks are due today or overdue. */
  timeZone: string
  /**
   * The user's id in your own system: the `sub` of your tokens, or set by `users.create`. Null for users who signed up.
   */
  externalId: string | null
  createdAt: string
}
const accountFields = {
  id: z.string(),
  email: z.string().nullable(),
  name: z.string(),
  timeZone: z.string(),
  externalId: z.string().nullable(),
  createdAt: time,
}
export const account: Schema<Account> = z.object(accountFields).meta({ id: 'Account' })

/** An account as the `users` procedures return it, to services that manage accounts. */
export interface User extends Account {
  /** True while every credential of the account is refused. */
  disabled: boolean
}
export const user: Schema<User> = z.object({ ...accountFields, disabled: z.boolean() }).meta({ id: 'User' })

/** An account's name, for sign-up and `me.update`. */
export const accountName: Schema<string> = singleLine({ max: LIMITS.accountName })

/** An e-mail address, converted to lower case. The length is checked first, since the pattern costs more than linear time. */
export const emailAddress: Schema<string> = z
  .string({ error: requiredMessage('is not an e-mail address') })
  .max(320, { error: 'is longer than 320 characters', abort: true })
  .regex(z.regexes.email, { error: 'is not an e-mail address' })
  .toLowerCase()

/** An account's id in the caller's own system. It is never changed, since two ids could become one. */
export const externalId: Schema<string> = exactLine({ max: LIMITS.externalId })

export interface UserCreate extends Mutating {
  externalId: string
  name: string
  email?: string | undefined
  /** Default: UTC. */
  timeZone?: string | undefined
}
export const userCreate: Schema<UserCreate> = z.strictObject({
  externalId,
  name: accountName,
  email: emailAddress.optional(),
  timeZone: timeZone.optional(),
  mutationId,
})

/** Exactly one of the two names the account. */
export type NamesUser = { id: string; externalId?: undefined } | { id?: undefined; externalId: string }
const namesUser = { id: id.optional(), externalId: externalId.optional() }
const namesOne = (input: { id?: unknown; externalId?: unknown }): boolean =>
  (input.id === undefined) !== (input.externalId === undefined)
const NAMES_ONE = { error: 'needs exactly one of id and externalId', when: fieldsAreKnown }

export interface UserChanges {
  name?: string | undefined
  email?: string | undefined
  timeZone?: string | undefined
  disabled?: boolean | undefined
}
export type UserUpdate = NamesUser & Mutating & { /** At least one field. */ changes: UserChanges }
// The object has id and externalId as optional fields; namesOne() leaves only the union.
export const userUpdate = z
  .strictObject({
    ...namesUser,
    changes: z
      .strictObject({
        name: accountName.optional(),
        email: emailAddress.optional(),
        timeZone: timeZone.optional(),
        disabled: z.boolean({ error: 'is not true or false' }).optional(),
      })
      .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
        error: 'is empty; give at least one field',
        when: fieldsAreKnown,
      }),
    mutationId,
  })
  .refine(namesOne, NAMES_ONE) as unknown as Schema<UserUpdate>

export type UserDelete = NamesUser & Mutating
export const userDelete = z
  .strictObject({ ...namesUser, mutationId })
  .refine(namesOne, NAMES_ONE) as unknown as Schema<UserDelete>

export interface AccountUpdate extends Mutating {
  name?: string | undefined
  timeZone?: string | undefined
}
export const accountUpdate: Schema<AccountUpdate> = z
  .strictObject({ name: accountName.optional(), timeZone: timeZone.optional(), mutationId })
  .refine((c) => c.name !== undefined || c.timeZone !== undefined, {
    error: 'is empty; give name or timeZone',
    when: fieldsAreKnown,
  })

export const mutationIdOnly: Schema<Mutating> = z.strictObject({ mutationId })
/** The input of a procedure without inputs: absent, or an empty object. */
export const noInput: Schema<Record<string, never> | undefined> = z.strictObject({}).optional()

export interface ExportInput {
  /** `nextCursor` of the previous page; absent or null returns the first page. */
  cursor?: string | null | undefined
}
export const exportInput: Schema<ExportInput> = z.strictObject({ cursor: cursor.nullable().optional() })

export const SCOPES = ['tasks:read', 'tasks:write', 'account'] as const
export type Scope = (typeof SCOPES)[number]

/** The scopes that a service key can have. */
export const SERVICE_SCOPES = ['tasks:read', 'tasks:write', 'users'] as const

/** A user's API key. Only `keys.create` returns its secret. */
export interface ApiKey {
  id: string
  name: string
  scopes: (Scope | (string & {}))[]
  /** The only space in which the key works. Null if it is not bound: then each request chooses its space. */
  spaceId: string | null
  createdAt: string
  expiresAt: string | null
}
export const apiKey: Schema<ApiKey> = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    spaceId: z.string().nullable(),
    createdAt: time,
    expiresAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' })

export interface KeyCreate extends Mutating {
  name: string
  scopes: Scope[]
  /** Binds the key to this space: it works there only, and cannot have the scope `account`. Null or absent: unbound. */
  spaceId?: string | null | undefined
  /** A time in the future; absent: the key does not expire. */
  expiresAt?: string | undefined
}
export const keyCreate: Schema<KeyCreate> = z
  .strictObject({
    name: singleLine({ max: LIMITS.keyName }),
    scopes: arrayOf(z.enum(SCOPES, { error: `is not one of ${quoted(SCOPES)}` }), {
      min: 1,
      max: SCOPES.length,
      tooFew: `is empty; give at least one of ${quoted(SCOPES)}`,
      tooMany: 'names a scope twice',
    }).refine((s) => new Set(s).size === s.length, { error: 'names a scope twice' }),
    spaceId: id.nullable().optional(),
    expiresAt: timeInput.refine((t) => Date.parse(t) > Date.now(), { error: 'is not in the future' }).optional(),
    mutationId,
  })
  .refine(({ scopes, spaceId }) => spaceId == null || !scopes.includes('account'), {
    path: ['scopes'],
    error: "cannot contain 'account' together with spaceId: a key of one space cannot act on the account",
    when: fieldsAreKnown,
  })

export interface KeyRevoke extends Mutating {
  id: string
}
export const keyRevoke: Schema<KeyRevoke> = z.strictObject({ id, mutationId })

export interface TagRename extends Mutating {
  from: string
  to: string
}
export const tagRename: Schema<TagRename> = z.strictObject({ from: tagText, to: tagText, mutationId })
