import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Mutating } from './task.ts'
import { tagText } from './field-schemas.ts'
import { singleLine } from './text.ts'
import { arrayOf, cursor, fieldsAreKnown, id, mutationId, time, timeInput, timeZone } from './values.ts'
import type { Schema } from './schema.ts'

export interface Account {
  id: string
  email: string
  name: string
  /** An IANA time zone, such as `Europe/Berlin`: it decides what is due today and what is overdue. */
  timeZone: string
  createdAt: string
}
export const account: Schema<Account> = z
  .object({ id: z.string(), email: z.string(), name: z.string(), timeZone: z.string(), createdAt: time })
  .meta({ id: 'Account' })

/** An account's name, for sign-up and `me.update`. */
export const accountName: Schema<string> = singleLine({ max: LIMITS.accountName })

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
/** The input of a procedure that takes none: absent, or an empty object. */
export const noInput: Schema<Record<string, never> | undefined> = z.strictObject({}).optional()

export interface ExportInput {
  /** `nextCursor` of the previous page; absent or null returns the first page. */
  cursor?: string | null | undefined
}
export const exportInput: Schema<ExportInput> = z.strictObject({ cursor: cursor.nullable().optional() })

export const SCOPES = ['tasks:read', 'tasks:write', 'account'] as const
export type Scope = (typeof SCOPES)[number]

/** A user's API key. Only `keys.create` returns its secret. */
export interface ApiKey {
  id: string
  name: string
  scopes: (Scope | (string & {}))[]
  /** The only space in which the key works; null if it is bound to none, and each request names its space. */
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
    scopes: arrayOf(z.enum(SCOPES, { error: `is not one of ${SCOPES.join(', ')}` }), {
      min: 1,
      max: SCOPES.length,
      tooFew: `is empty; give at least one of ${SCOPES.join(', ')}`,
      tooMany: 'names a scope twice',
    }).refine((s) => new Set(s).size === s.length, { error: 'names a scope twice' }),
    spaceId: id.nullable().optional(),
    expiresAt: timeInput.refine((t) => Date.parse(t) > Date.now(), { error: 'is not in the future' }).optional(),
    mutationId,
  })
  .refine(({ scopes, spaceId }) => spaceId == null || !scopes.includes('account'), {
    path: ['scopes'],
    error: 'cannot contain account together with spaceId: a key of one space cannot act on the account',
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
