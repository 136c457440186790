import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Mutating } from './task.ts'
import { singleLine } from './text.ts'
import { expectedRevision, fieldsAreKnown, id, mutationId, paging, revision, time } from './values.ts'

/** A list of tasks. */
export interface List {
  id: string
  /** Unique in its space, ignoring case. */
  name: string
  position: string
  revision: number
  createdAt: string
  updatedAt: string
}

export const list: z.ZodType<List, List> = z
  .object({ id: z.string(), name: z.string(), position: z.string(), revision, createdAt: time, updatedAt: time })
  .meta({ id: 'List' })

const name = singleLine({ max: LIMITS.listName })
const after = id.nullable().optional()

export interface ListCreate extends Mutating {
  id?: string | undefined
  name: string
  /** The list after which to place it; null: first; absent: last. */
  after?: string | null | undefined
}
export const listCreate: z.ZodType<ListCreate, ListCreate> = z.strictObject({
  id: id.optional(),
  name,
  after,
  mutationId,
})

export interface ListUpdate extends Mutating {
  id: string
  changes: { name?: string | undefined; after?: string | null | undefined }
  expectedRevision?: number | undefined
}
export const listUpdate: z.ZodType<ListUpdate, ListUpdate> = z.strictObject({
  id,
  changes: z
    .strictObject({ name: name.optional(), after })
    .refine((c) => c.name !== undefined || c.after !== undefined, {
      error: 'is empty; give name or after',
      when: fieldsAreKnown,
    }),
  expectedRevision,
  mutationId,
})

export interface ListDelete extends Mutating {
  id: string
  /** Where to move its tasks: to the end of the inbox, or out of any list to the trash. */
  tasks: 'inbox' | 'trash'
  expectedRevision?: number | undefined
}
export const listDelete: z.ZodType<ListDelete, ListDelete> = z.strictObject({
  id,
  tasks: z.enum(['inbox', 'trash'], { error: "is neither 'inbox' nor 'trash': say where the list's tasks go" }),
  expectedRevision,
  mutationId,
})

export interface PageInput {
  /** 1 to 100. */
  limit?: number | undefined
  /** `nextCursor` of the previous page; null or absent returns the first page. */
  cursor?: string | null | undefined
}
export const page: z.ZodType<PageInput & { limit: number }, PageInput> = z.strictObject(paging)
