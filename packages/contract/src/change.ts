import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Mutating } from './task.ts'
import { countUpTo, mutationId, revision, time } from './values.ts'
import type { Schema } from './schema.ts'

/** An open set, as are Entity and Action: a newer service may send other values. */
export type ActorKind = 'user' | 'key' | 'service' | 'system' | (string & {})
export type Entity = 'task' | 'list' | 'account' | 'key' | (string & {})
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

/** An entry of a space's log: the change of one row. */
export interface Change {
  revision: number
  /** The last revision of its mutation, and so the same in all Changes of that mutation. */
  commit: number
  at: string
  mutationId: string | null
  requestId: string | null
  /** Who made the change: a signed-in user, a user's key, a service key, or the service itself. */
  actor: { kind: ActorKind; userId: string | null; keyId: string | null }
  /** What happened to the row, whichever procedure was called: completing by `tasks.update` is `complete`. */
  action: Action
  /** Changes of an account and its keys are in its personal space's log, without e-mail address or secret. */
  entity: Entity
  entityId: string
  /** The fields that changed except `revision` and `updatedAt`, with their old values; null for a create. */
  before: Record<string, unknown> | null
  /**
   * The same fields with their new values: the whole row for a create; null when a task is purged, or a list
   * or key deleted.
   */
  after: Record<string, unknown> | null
  /** True once the task has been purged: `before` and `after` are then empty, and mirrors skip the Change. */
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
}
export const changesInput: Schema<{ after: number; limit: number }, ChangesInput> = z.strictObject({
  after: revision,
  limit: countUpTo(LIMITS.changesPage.max).default(LIMITS.changesPage.default),
})

export interface RevertInput extends Mutating {
  /** The revision of any Change of the commit to undo. */
  revision: number
}
export const revertInput: Schema<RevertInput> = z.strictObject({ revision, mutationId })
