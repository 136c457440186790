import { type Due, LIMITS, type Priority } from '@taskwire/client'
import type { Mutations } from '@taskwire/client/react'
import type { RefusedEdit } from '@taskwire/client/store'

/** Other values for a refused edit, by field. */
export interface Values {
  title?: string | undefined
  description?: string | null | undefined
  priority?: Priority | undefined
  tags?: string[] | undefined
  due?: Due | null | undefined
  listId?: string | null | undefined
  name?: string | undefined
  /** Null: at the top. */
  after?: string | null | undefined
}

/** Returns the values that a refused edit sets. */
export function valuesIn({ procedure, input }: RefusedEdit): Values {
  switch (procedure) {
    case 'tasks.create':
    case 'tasks.move':
    case 'lists.create':
      return input
    case 'tasks.update':
    case 'lists.update':
      return input.changes
    case 'tasks.delete':
    case 'tasks.restore':
    case 'tasks.purge':
    case 'lists.delete':
      return {}
  }
}

/** Sends an edit with other values, or as it is if there are none. */
export async function send(
  edit: RefusedEdit,
  values: Values,
  { mend, retry }: Pick<Mutations, 'mend' | 'retry'>,
): Promise<void> {
  if (Object.keys(values).length === 0) return await retry(edit)
  // `values` has only fields that were refused, and so only those which this procedure has.
  switch (edit.procedure) {
    case 'tasks.create':
    case 'tasks.update':
    case 'tasks.move':
    case 'lists.create':
    case 'lists.update':
      return await mend(edit, values)
    case 'tasks.delete':
    case 'tasks.restore':
    case 'tasks.purge':
    case 'lists.delete':
      return await retry(edit)
  }
}

const LENGTHS: Partial<Record<string, number>> = {
  title: LIMITS.title,
  description: LIMITS.description,
  name: LIMITS.listName,
}

/** Says what is still wrong with a value, so that it need not be sent to be refused again. */
export function problemOf(field: string, value: unknown): string | undefined {
  const most = LENGTHS[field]
  if (field === 'tags' && Array.isArray(value)) {
    if (value.length > LIMITS.tagsPerTask) return tooMany(value.length - LIMITS.tagsPerTask, 'tag', 'many')
    return value.some((tag) => [...String(tag)].length > LIMITS.tag) ? 'A tag is too long' : undefined
  }
  if (most === undefined || typeof value !== 'string') return undefined
  const length = [...value.trim()].length
  if (length > most) return tooMany(length - most, 'character', 'long')
  return length === 0 && field !== 'description' ? 'It cannot be empty' : undefined
}

const tooMany = (count: number, what: string, how: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'} too ${how}`
