import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Account, ApiKey } from './account.ts'
import type { List } from './list.ts'
import type { Mutating, Task } from './task.ts'
import { countUpTo, id, mutationId, revision, time } from './values.ts'
import type { Schema } from './schema.ts'

/** An open set, like Entity and Action: a newer service may send other values. */
export type ActorKind = 'user' | 'key' | 'service' | 'system' | (string & {})
export type Entity = keyof ChangedRows | (string & {})
export type Action =
  | 'create'
  | 'update'
  | 'complete'
  | 'reopen'
  | 'move'
  | 'delete'
  | 'restore'
  | 'purge'
  | (string & {})

/** The rows of each entity, as Changes show them. */
export interface ChangedRows {
  task: Task
  list: List
  /** Without the e-mail address. Changes of accounts and keys are in the log of the personal space. */
  account: Pick<Account, 'name' | 'timeZone'>
  /** Without the secret. */
  key: ApiKey
}

/**
 * An entry of a space's log: the change of one row. The client's `isChangeOf(change, 'task')` narrows its type to one
 * entity. Comparing `change.entity` with a text does not, since a newer service may send other entities.
 */
export type Change = { [E in keyof ChangedRows]: ChangeOf<E> }[keyof ChangedRows] | OtherChange

/** A Change of an entity that this version knows. */
export interface ChangeOf<E extends keyof ChangedRows> extends Entry {
  entity: E
  /** The fields that changed, except `revision` and `updatedAt`, with their old values; null for a create. */
  before: Partial<ChangedRows[E]> | null
  /**
   * The same fields with their new values; for a create, the whole row. Null when a task is purged, or when a list or
   * key is deleted.
   */
  after: Partial<ChangedRows[E]> | null
}

interface OtherChange extends Entry {
  entity: string & {}
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

interface Entry {
  revision: number
  /** The last revision of the mutation that made the Change. It is the same in all Changes of one mutation. */
  commit: number
  at: string
  mutationId: string | null
  requestId: string | null
  /** Who made the change: a signed-in user, a user's key, a service key, or the service itself. */
  actor: { kind: ActorKind; userId: string | null; keyId: string | null }
  /** What happened to the row, whichever procedure was called: `tasks.update` can complete a task too. */
  action: Action
  entityId: string
  /** True once the task has been purged. Then `before` and `after` have no fields, and mirrors skip the Change. */
  redacted?: boolean | undefined
}

const fields = z.record(z.string(), z.unknown()).nullable()
export const change: Schema<Change> = z
  .object({
    revision,
    commit: revision,
    at: time,
    mutationId: z.string().nullable(),
    requestId: z.string().nullable(),
    actor: z.object({ kind: z.string(), userId: z.string().nullable(), keyId: z.string().nullable() }),
    action: z.string(),
    entity: z.string(),
    entityId: z.string(),
    before: fields,
    after: fields,
    redacted: z.boolean().optional(),
  })
  .meta({ id: 'Change' })

export interface ChangesInput {
  /** Exclusive: returns Changes with a higher revision. 0 starts at the beginning of the log. */
  after: number
  /** 1 to 500, default 100. */
  limit?: number | undefined
  /** Such as a task's id: returns only the Changes with this `entityId`. */
  entityId?: string | undefined
}
export const changesInput: Schema<{ after: number; limit: number; entityId?: string | undefined }, ChangesInput> =
  z.strictObject({
    after: revision,
    limit: countUpTo(LIMITS.changesPage.max).default(LIMITS.changesPage.default),
    entityId: id.optional(),
  })

export interface RevertInput extends Mutating {
  /** The revision of any Change of the commit to undo. */
  revision: number
}
export const revertInput: Schema<RevertInput> = z.strictObject({ revision, mutationId })
