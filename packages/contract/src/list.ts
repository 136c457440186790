import { z } from 'zod'
import { inputsOf, optional, outputsOf } from './field-schemas.ts'
import { LIST_FIELDS, type ListContent, type Optional } from './fields.ts'
import type { Mutating } from './task.ts'
import { expectedRevision, fieldsAreKnown, id, mutationId, paging, revision, time } from './values.ts'
import type { Schema } from './schema.ts'

/** A list of tasks. */
export interface List extends ListContent {
  id: string
  position: string
  revision: number
  createdAt: string
  updatedAt: string
}

export const list: Schema<List> = z
  .object({
    id: z.string(),
    ...outputsOf(LIST_FIELDS),
    position: z.string(),
    revision,
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'List' })

const content = inputsOf(LIST_FIELDS)
const after = id.nullable().optional()

export interface ListCreate extends Optional<ListContent>, Mutating {
  id?: string | undefined
  name: string
  /** The list after which to place this one; null: first; absent: last. */
  after?: string | null | undefined
}
export const listCreate: Schema<ListCreate> = z.strictObject({
  id: id.optional(),
  ...optional(content),
  name: content.name,
  after,
  mutationId,
})

/** What `lists.update` may change. */
export interface ListChanges extends Optional<ListContent> {
  /** The list after which to place this one; null: first; absent: it stays where it is. */
  after?: string | null | undefined
}
export interface ListUpdate extends Mutating {
  id: string
  changes: ListChanges
  expectedRevision?: number | undefined
}
export const listUpdate: Schema<ListUpdate> = z.strictObject({
  id,
  changes: z
    .strictObject({ ...optional(content), after })
    .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
      error: `is empty; give ${[...Object.keys(content), 'after'].join(' or ')}`,
      when: fieldsAreKnown,
    }),
  expectedRevision,
  mutationId,
})

export interface ListDelete extends Mutating {
  id: string
  /** Where the list's tasks go: to the end of the inbox, or to the trash, where they are in no list. */
  tasks: 'inbox' | 'trash'
  expectedRevision?: number | undefined
}
export const listDelete: Schema<ListDelete> = z.strictObject({
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
export const page: Schema<PageInput & { limit: number }, PageInput> = z.strictObject(paging)
