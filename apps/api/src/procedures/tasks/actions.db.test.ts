import type { List, Task } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

interface Things {
  client: Caller['client']
  /** In the inbox, in the list and completed there, in the trash with the list. */
  open: Task
  done: Task
  binned: Task
  list: List
  other: List
}

async function things(): Promise<Things & { caller: Caller }> {
  const caller = await newCaller(service)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'List' })
  const other = await client.lists.create.mutate({ name: 'Other' })
  const open = await client.tasks.create.mutate({ title: 'open' })
  const done = await client.tasks.create.mutate({ title: 'done', listId: list.id, complete: true })
  const { id } = await client.tasks.create.mutate({ title: 'binned', listId: list.id })
  const binned = await client.tasks.delete.mutate({ id })
  return { caller, client, open, done, binned, list, other }
}

type Mutation = (things: Things) => Promise<unknown>
/** What each mutation does, and what undoing it does, in words: one for each row, in the order of the commit. */
const MUTATIONS: [name: string, Mutation, did: string, undid: string][] = [
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
    'update to what it is, and more',
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
  ['restore', ({ client, binned: { id } }) => client.tasks.restore.mutate({ id }), 'restore', 'delete'],
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
  // That in the trash only loses its list.
  [
    'list gone, its tasks to the inbox',
    ({ client, list: { id } }) => client.lists.delete.mutate({ id, tasks: 'inbox' }),
    'move, move, delete list',
    'move, move, create list',
  ],
  [
    'list gone, its tasks to the trash',
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

test.each(MUTATIONS)('%s: a Change is named by what was done to its row', async (_name, mutate, did, undid) => {
  const { caller, ...all } = await things()
  const before = await headOf(caller)
  await mutate(all)
  expect(await actionsAfter(caller, before)).toBe(did)
  const done = await headOf(caller)
  const { revision } = await all.client.changes.revert.mutate({ revision: done })
  expect(await actionsAfter(caller, done)).toBe(undid)
  // And undoing that does the same again; what was made once comes back from the trash.
  await all.client.changes.revert.mutate({ revision })
  const again = did
    .replace(/^create$/, 'restore')
    .split(', ')
    .toSorted()
  expect((await actionsAfter(caller, revision)).split(', ').toSorted()).toEqual(again)
})
