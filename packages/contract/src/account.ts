import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Mutating } from './task.ts'
import { tagText } from './task.ts'
import { singleLine } from './text.ts'
import { arrayOf, cursor, fieldsAreKnown, id, mutationId, time, timeInput, timeZone } from './values.ts'

export interface Account {
  id: string
  email: string
  name: string
  /** A zone of the IANA database; what is overdue is told by its clock. */
  timeZone: string
  createdAt: string
}
export const account: z.ZodType<Account, Account> = z
  .object({ id: z.string(), email: z.string(), name: z.string(), timeZone: z.string(), createdAt: time })
  .meta({ id: 'Account' })

/** The name of an account, at sign-up and after. */
export const accountName: z.ZodType<string, string> = singleLine({ max: LIMITS.accountName })

export interface AccountUpdate extends Mutating {
  name?: string | undefined
  timeZone?: string | undefined
}
export const accountUpdate: z.ZodType<AccountUpdate, AccountUpdate> = z
  .strictObject({ name: accountName.optional(), timeZone: timeZone.optional(), mutationId })
  .refine((c) => c.name !== undefined || c.timeZone !== undefined, {
    error: 'is empty; give name or timeZone',
    when: fieldsAreKnown,
  })

export const mutatingOnly: z.ZodType<Mutating, Mutating> = z.strictObject({ mutationId })
/** No input, or an empty one. */
export const nothing: z.ZodType<Record<string, never> | undefined, Record<string, never> | undefined> = z
  .strictObject({})
  .optional()

export interface ExportInput {
  /** `nextCursor` of the page before; absent or null is the first page. */
  cursor?: string | null | undefined
}
export const exportInput: z.ZodType<ExportInput, ExportInput> = z.strictObject({ cursor: cursor.nullable().optional() })

export const SCOPES = ['tasks:read', 'tasks:write', 'account'] as const
export type Scope = (typeof SCOPES)[number]

/** A key of the caller's own; its secret is shown once, by `keys.create`. */
export interface ApiKey {
  id: string
  name: string
  scopes: (Scope | (string & {}))[]
  /** The one space that it acts in; null where each call says which. */
  spaceId: string | null
  createdAt: string
  expiresAt: string | null
}
export const apiKey: z.ZodType<ApiKey, ApiKey> = z
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
  /** Binds it to this space: it acts there alone, and cannot hold `account`. Null or absent binds it to none. */
  spaceId?: string | null | undefined
  /** An instant to come; absent is never. */
  expiresAt?: string | undefined
}
export const keyCreate: z.ZodType<KeyCreate, KeyCreate> = z
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
    error: 'cannot hold account beside spaceId: what belongs to the account is in no single space',
    when: fieldsAreKnown,
  })

export interface KeyRevoke extends Mutating {
  id: string
}
export const keyRevoke: z.ZodType<KeyRevoke, KeyRevoke> = z.strictObject({ id, mutationId })

export interface TagRename extends Mutating {
  from: string
  to: string
}
export const tagRename: z.ZodType<TagRename, TagRename> = z.strictObject({ from: tagText, to: tagText, mutationId })
