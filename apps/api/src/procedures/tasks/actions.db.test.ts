import type { List, Task } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

interface Environment {
  client: Caller['client']
  /** `open` is in the inbox, and `done` in `list`; `trashed` is in the trash, and was in `list`. */
  open: Task
  done: Task
  trashed: Task
  list: List
  other: List
}

async function createEnvironment(): Promise<Environment & { caller: Caller }> {
  const caller = await newCaller(service)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'List' })
  const other = await client.lists.create.mutate({ name: 'Other' })
  const open = await client.tasks.create.mutate({ title: 'open' })
  const done = await client.tasks.create.mutate({ title: 'done', listId: list.id, complete: true })
  const { id } = await client.tasks.create.mutate({ title: 'trashed', listId: list.id })
  const trashed = await client.tasks.delete.mutate({ id })
  return { caller, client, open, done, trashed, list, other }
}

type Mutation = (environment: Environment) => Promise<unknown>
/** The actions that each mutation logs, and those that its revert logs, in the order of the commit. */
const MUTATIONS: [name: string, Mutation, actions: string, revertActions: string][] = [
  [
    'update',
    ({ client, open: { id } }) => client.tasks.update.mutate({ id, changes: { title: 'x' } }),
    'update',
    'update',
  ],
  [
    'update that completes',
    ({ client, open: { id } }) => client.tasks.update.mutate({ id, changes: { title: 'x', complete: true } }),
    'complete',
    'reopen',
  ],
  [
    'update that opens again',
    ({ client, done: { id } }) => client.tasks.update.mutate({ id, changes: { complete: false } }),
    'reopen',
    'complete',
  ],
  [
    'update that sets complete to the same value, and another field',
    ({ client, done: { id } }) => client.tasks.update.mutate({ id, changes: { complete: true, priority: 'low' } }),
    'update',
    'update',
  ],
  [
    'update in bulk that completes one of two',
    ({ client, open, done }) =>
      client.tasks.bulk.mutate({
        ids: [open.id, done.id],
        action: { type: 'update', changes: { title: 'x', complete: true } },
      }),
    'complete, update',
    'update, reopen',
  ],
  ['complete', ({ client, open: { id } }) => client.tasks.complete.mutate({ id }), 'complete', 'reopen'],
  [
    'complete in bulk',
    ({ client, open: { id } }) => client.tasks.bulk.mutate({ ids: [id], action: { type: 'complete', complete: true } }),
    'complete',
    'reopen',
  ],
  [
    'open again in bulk',
    ({ client, done: { id } }) =>
      client.tasks.bulk.mutate({ ids: [id], action: { type: 'complete', complete: false } }),
    'reopen',
    'complete',
  ],
  [
    'move',
    ({ client, open: { id }, list }) => client.tasks.move.mutate({ id, listId: list.id, after: null }),
    'move',
    'move',
  ],
  [
    'move in bulk',
    ({ client, open, done, other }) =>
      client.tasks.bulk.mutate({ ids: [open.id, done.id], action: { type: 'move', listId: other.id } }),
    'move, move',
    'move, move',
  ],
  ['delete', ({ client, done: { id } }) => client.tasks.delete.mutate({ id }), 'delete', 'restore'],
  [
    'delete in bulk',
    ({ client, open, done }) => client.tasks.bulk.mutate({ ids: [open.id, done.id], action: { type: 'delete' } }),
    'delete, delete',
    'restore, restore',
  ],
  ['restore', ({ client, trashed: { id } }) => client.tasks.restore.mutate({ id }), 'restore', 'delete'],
  [
    'restore in bulk',
    ({ client }) =>
      client.tasks.bulk.mutate({ filter: { trash: 'only' }, action: { type: 'restore' }, maxAffected: 9 }),
    'restore',
    'delete',
  ],
  [
    'rename of a list',
    ({ client, list: { id } }) => client.lists.update.mutate({ id, changes: { name: 'x' } }),
    'update list',
    'update list',
  ],
  [
    'move of a list',
    ({ client, other: { id } }) => client.lists.update.mutate({ id, changes: { after: null } }),
    'move list',
    'move list',
  ],
  [
    'rename and move of a list',
    ({ client, other: { id } }) => client.lists.update.mutate({ id, changes: { name: 'x', after: null } }),
    'update list',
    'update list',
  ],
  // The task in the trash only loses its list, which is logged as a move.
  [
    'deletion of a list, its tasks to the inbox',
    ({ client, list: { id } }) => client.lists.delete.mutate({ id, tasks: 'inbox' }),
    'move, move, delete list',
    'move, move, create list',
  ],
  [
    'deletion of a list, its tasks to the trash',
    ({ client, list: { id } }) => client.lists.delete.mutate({ id, tasks: 'trash' }),
    'delete, move, delete list',
    'move, restore, create list',
  ],
  ['create', ({ client }) => client.tasks.create.mutate({ title: 'x' }), 'create', 'delete'],
  ['create of a list', ({ client }) => client.lists.create.mutate({ name: 'x' }), 'create list', 'delete list'],
]

async function actionsAfter(caller: Caller, revision: number): Promise<string> {
  const changes = await changesAfter(caller, revision)
  return changes.map(({ action, entity }) => (entity === 'task' ? action : `${action} ${entity}`)).join(', ')
}

test.each(MUTATIONS)(
  '%s logs the action on each row, and so does its revert',
  async (_name, mutate, actions, revertActions) => {
    const { caller, ...all } = await createEnvironment()
    const before = await headOf(caller)
    await mutate(all)
    expect(await actionsAfter(caller, before)).toBe(actions)
    const done = await headOf(caller)
    const { revision } = await all.client.changes.revert.mutate({ revision: done })
    expect(await actionsAfter(caller, done)).toBe(revertActions)
    // Reverting the revert logs the same actions, except that a created task is restored from the trash.
    await all.client.changes.revert.mutate({ revision })
    const again = actions
      .replace(/^create$/, 'restore')
      .split(', ')
      .toSorted()
    expect((await actionsAfter(caller, revision)).split(', ').toSorted()).toEqual(again)
  },
)
