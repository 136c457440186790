// The procedures, and how one is called. docs/call.md follows a call from the client to the row.
import {
  type AnyProcedure,
  type Contract,
  contract,
  CONTRACT_HASH,
  CONTRACT_VERSION,
  type Procedure,
} from '@taskwire/contract'
import type { Caller } from '@taskwire/db'
import { type TrackedEnvelope, TRPCError } from '@trpc/server'
import type { ZodError } from 'zod'
import { notSignedIn } from '../auth/caller.ts'
import { canonicalJson, sha256 } from './canonical.ts'
import { listChanges } from './changes/list-changes.ts'
import { revertChanges } from './changes/revert-changes.ts'
import { subscribe } from './changes/subscribe.ts'
import type { CallContext, RequestContext } from './context.ts'
import { AppError, toAppError } from '../errors.ts'
import { createKey } from './keys/create-key.ts'
import { listKeys } from './keys/keys.ts'
import { revokeKey } from './keys/revoke-key.ts'
import { createList } from './lists/create-list.ts'
import { deleteList } from './lists/delete-list.ts'
import { listLists } from './lists/list-lists.ts'
import { updateList } from './lists/update-list.ts'
import type { RawJson } from './raw-json.ts'
import { deleteMe } from './me/delete-me.ts'
import { exportMe } from './me/export-me.ts'
import { getMe } from './me/me.ts'
import { updateMe } from './me/update-me.ts'
import { parseInput, parsePaced } from '../trpc/parse-input.ts'
import { callShapeOf } from '../limits/call-shapes.ts'
import { listTags, renameTag } from './tags/tags.ts'
import { bulkTasks } from './tasks/bulk-tasks.ts'
import { createTask, createTasks } from './tasks/create-tasks.ts'
import { countTasks, getTask } from './tasks/get-task.ts'
import { listTasks } from './tasks/list-tasks.ts'
import { moveTask } from './tasks/move-task.ts'
import { purgeTask } from './tasks/purge-task.ts'
import { completeTask, deleteTask, restoreTask, updateTask } from './tasks/update-task.ts'
import { createUser } from './users/create-user.ts'
import { deleteUser } from './users/delete-user.ts'
import { listUsers } from './users/list-users.ts'
import { updateUser } from './users/update-user.ts'
import { callError, FIELDS_SHOWN, fieldsOf } from '../trpc/shape.ts'

type Verb<P> =
  P extends Procedure<'query' | 'mutation', infer _In, infer Parsed, infer Out>
    ? (ctx: CallContext, input: Parsed) => Promise<Out | RawJson<Out>>
    : P extends Procedure<'subscription', infer _In, infer Parsed, infer Out>
      ? (ctx: CallContext, input: Parsed) => Promise<AsyncGenerator<TrackedEnvelope<Out>, void>>
      : never

/** One verb for each procedure of the contract, which types its input and its reply. */
export type Verbs = { [N in keyof Contract]: { [P in keyof Contract[N]]: Verb<Contract[N][P]> } }

/** Every procedure and its verb, the function that serves it. */
export const router: Verbs = {
  tasks: {
    create: createTask,
    createMany: createTasks,
    get: getTask,
    list: listTasks,
    count: countTasks,
    update: updateTask,
    complete: completeTask,
    move: moveTask,
    delete: deleteTask,
    restore: restoreTask,
    purge: purgeTask,
    bulk: bulkTasks,
  },
  lists: { create: createList, update: updateList, delete: deleteList, list: listLists },
  tags: { list: listTags, rename: renameTag },
  changes: { list: listChanges, subscribe, revert: revertChanges },
  keys: { create: createKey, revoke: revokeKey, list: listKeys },
  me: { get: getMe, update: updateMe, export: exportMe, delete: deleteMe },
  users: { create: createUser, update: updateUser, delete: deleteUser, list: listUsers },
  system: {
    health: async () => ({ status: 'ok', version: CONTRACT_VERSION }),
    contract: async () => ({ version: CONTRACT_VERSION, hash: CONTRACT_HASH }),
  },
}

type AnyVerb = (ctx: CallContext, input: unknown) => Promise<unknown>

/** A procedure that tRPC's adapter and `plain.ts` can call. */
export interface CallableProcedure {
  kind: AnyProcedure['kind']
  access: AnyProcedure['access']
  /** Rejects with an AppError. */
  run(ctx: RequestContext, readInput: () => Promise<unknown>, signal?: () => AbortSignal): Promise<unknown>
}

/**
 * Returns a hash that identifies a mutation by its procedure and its input as sent. `mutationId` and `expectedRevision`
 * are left out: a retry with another expected revision is the same mutation, and returns the first reply.
 */
function payloadHash(path: string, rawInput: unknown): Buffer {
  const { mutationId: _id, expectedRevision: _revision, ...sent } = rawInput as Record<string, unknown>
  return sha256(`${path} ${canonicalJson(sent)}`)
}

function createCallable({ kind, access, input }: AnyProcedure, verb: AnyVerb, path: string): CallableProcedure {
  return {
    kind,
    access,
    async run(ctx, readInput, signal = ctx.signal) {
      const started = performance.now()
      let outcome = 'OK'
      try {
        if (access !== 'public') {
          // Checked before the input is read.
          if (ctx.caller === undefined) throw notSignedIn()
          ctx.requirePrepared()
        }
        const sentInput = await readInput()
        // A query without an input is called with the defaults.
        const rawInput = sentInput === undefined && kind !== 'mutation' ? {} : sentInput
        const { pace } = ctx
        const parsed =
          pace === undefined
            ? parseInput(input, rawInput)
            : await parsePaced(input, rawInput, { pace, mostIssues: FIELDS_SHOWN })
        if (!parsed.success) throw validation(parsed.error)
        const id = kind === 'mutation' ? ((parsed.data as { mutationId?: string }).mutationId ?? null) : null
        if (id !== null) await pace?.()
        const mutation = { id, payload: id === null ? EMPTY_HASH : payloadHash(path, rawInput) }
        await pace?.()
        // Public procedures use neither the caller nor the mutation.
        const caller = callerFor(path, ctx.caller ?? NO_CALLER)
        if (access === 'session') requireFresh(caller)
        const limitedDatabase = ctx.limitedDatabaseFor(caller, callShapeOf(path, parsed.data))
        return await verb({ ...ctx, limitedDatabase, signal, caller, access, mutation }, parsed.data)
      } catch (error) {
        const appError = toAppError(error instanceof TRPCError ? callError(error) : error, access)
        outcome = appError.appCode
        throw appError
      } finally {
        ctx.onCall(path, outcome, performance.now() - started)
      }
    },
  }
}

/** Procedures on the account ignore the space that the caller names. */
function callerFor(path: string, caller: Caller): Caller {
  return caller.spaceId !== null && /^(me|keys)\./.test(path) ? { ...caller, spaceId: null } : caller
}

/**
 * Throws FORBIDDEN for a token that is too old to erase an account, or to create a key, which would outlive the token.
 */
function requireFresh({ vouched }: Caller): void {
  if (vouched !== undefined && vouched.freshUntil < Date.now())
    throw new AppError(
      'FORBIDDEN',
      'This call needs a fresh token, and this one was issued too long ago: sign in again, and send the new token.',
    )
}

// All zeros, which is the hash of no credential and of no payload.
const EMPTY_HASH = new Uint8Array(32)
const NO_CALLER: Caller = { credential: EMPTY_HASH, actingAs: null, spaceId: null }

function validation(error: Pick<ZodError, 'issues'>): AppError {
  const fields = fieldsOf(error)
  const [first] = fields
  const subject = first === undefined || first.path === '' ? 'it' : first.path
  return new AppError('VALIDATION', `The input is not valid: ${subject} ${first?.message ?? ''}`, { fields })
}

/** Returns every procedure of the contract by its path, such as `tasks.list`. */
export function createCallables(verbs: Verbs = router): ReadonlyMap<string, CallableProcedure> {
  const calls = new Map<string, CallableProcedure>()
  for (const [namespace, procedures] of Object.entries(contract)) {
    // The contract types each verb's input; here they are called by name, with an input that was parsed.
    const ofNamespace: Record<string, AnyVerb> = verbs[namespace as keyof Verbs] as unknown as Record<string, AnyVerb>
    for (const [name, procedure] of Object.entries<AnyProcedure>(procedures)) {
      const path = `${namespace}.${name}`
      const verb = ofNamespace[name]
      if (verb === undefined) throw new Error(`${path} has no verb`)
      calls.set(path, createCallable(procedure, verb, path))
    }
  }
  return calls
}
