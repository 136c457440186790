import { z } from 'zod'
import { LIMITS } from './limits.ts'
import type { Mutating } from './task.ts'
import { mutationId, revision, time } from './values.ts'

/** Open sets: a newer service may send others. */
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

/** One row's change. */
export interface Change {
  revision: number
  /** The last revision of the mutation that made it. */
  commit: number
  at: string
  mutationId: string | null
  requestId: string | null
  /** Who made it, by what: a session, a key, a service's key, or the service itself. */
  actor: { kind: ActorKind; userId: string | null; keyId: string | null }
  /** What was done to the row, whatever procedure did it. */
  action: Action
  /** An account and its keys are in the log of its personal space, without e-mail address or secret. */
  entity: Entity
  entityId: string
  /** What differed, as it was; null for a create. */
  before: Record<string, unknown> | null
  /** What differed, as it became: the whole row for a create; null for a purge, and for the deletion of a list or a key. */
  after: Record<string, unknown> | null
  /** True once the task has been purged: `before` and `after` are emptied, and mirrors skip it. */
  redacted?: boolean | undefined
}

const fields = z.record(z.string(), z.unknown()).nullable()
export const change: z.ZodType<Change, Change> = z
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
  /** Exclusive: 0 is from the start. */
  after: number
  /** 1 to 500, default 100. */
  limit?: number | undefined
}
export const changesInput: z.ZodType<{ after: number; limit: number }, ChangesInput> = z.strictObject({
  after: revision,
  limit: z
    .int({ error: 'is not a whole number' })
    .min(1, { error: 'is below 1' })
    .max(LIMITS.changesPage.max, { error: `is above ${LIMITS.changesPage.max}` })
    .default(LIMITS.changesPage.default),
})

export interface RevertInput extends Mutating {
  revision: number
}
export const revertInput: z.ZodType<RevertInput, RevertInput> = z.strictObject({ revision, mutationId })
