import { type Contract, CONTRACT_HASH, CONTRACT_VERSION, type Procedure } from '@taskwire/contract'
import type { TrackedEnvelope } from '@trpc/server'
import { listChanges } from '../changes/list-changes.ts'
import { revertChanges } from '../changes/revert-changes.ts'
import { subscribe } from '../changes/subscribe.ts'
import type { CallContext } from '../context.ts'
import { createKey, listKeys, revokeKey } from '../keys/keys.ts'
import { createList } from '../lists/create-list.ts'
import { deleteList } from '../lists/delete-list.ts'
import { listLists } from '../lists/list-lists.ts'
import { updateList } from '../lists/update-list.ts'
import { exportMe } from '../me/export-me.ts'
import { deleteMe, getMe, updateMe } from '../me/me.ts'
import { listTags, renameTag } from '../tags/tags.ts'
import { bulkTasks } from '../tasks/bulk-tasks.ts'
import { createTask, createTasks } from '../tasks/create-tasks.ts'
import { countTasks, getTask } from '../tasks/get-task.ts'
import { listTasks } from '../tasks/list-tasks.ts'
import { moveTask } from '../tasks/move-task.ts'
import { purgeTask } from '../tasks/purge-task.ts'
import { completeTask, deleteTask, restoreTask, updateTask } from '../tasks/update-task.ts'
import type { MadeJson } from '../made-json.ts'

type Handler<P> =
  P extends Procedure<'query' | 'mutation', infer _In, infer Parsed, infer Out>
    ? (ctx: CallContext, input: Parsed) => Promise<Out | MadeJson<Out>>
    : P extends Procedure<'subscription', infer _In, infer Parsed, infer Out>
      ? (ctx: CallContext, input: Parsed) => Promise<AsyncGenerator<TrackedEnvelope<Out>, void>>
      : never

/** One verb for each procedure of the contract, which types its input and its reply. */
export type Handlers = { [N in keyof Contract]: { [P in keyof Contract[N]]: Handler<Contract[N][P]> } }

export const handlers: Handlers = {
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
  system: {
    health: async () => ({ status: 'ok', version: CONTRACT_VERSION }),
    contract: async () => ({ version: CONTRACT_VERSION, hash: CONTRACT_HASH }),
  },
}
