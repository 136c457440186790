import type { Client, TaskDraft } from '@taskwire/client'
import { idAt } from './ids.ts'
import type { Recorder } from './recorder.ts'

/** Makes lists and tasks, changes them in every way, reads them in every order, and undoes some of it. */
export async function recordTasks(recorder: Recorder, ada: Client): Promise<void> {
  const { call } = recorder
  const home = await call(
    'lists.create',
    async () => await ada.lists.create.mutate({ name: 'Home', mutationId: idAt(20) }),
  )
  const work = await call(
    'lists.create with an id',
    async () => await ada.lists.create.mutate({ id: idAt(21), name: 'Work', after: null, mutationId: idAt(22) }),
  )
  await call(
    'lists.update',
    async () =>
      await ada.lists.update.mutate({
        id: home.id,
        changes: { name: 'House', after: null },
        expectedRevision: home.revision,
        mutationId: idAt(23),
      }),
  )
  const milk = await call(
    'tasks.create',
    async () => await ada.tasks.create.mutate({ title: ' Buy milk ', mutationId: idAt(24) }),
  )
  await call(
    'tasks.create again',
    async () => await ada.tasks.create.mutate({ title: ' Buy milk ', mutationId: idAt(24) }),
  )
  const dentist = await call(
    'tasks.create with every field',
    async () =>
      await ada.tasks.create.mutate({
        id: idAt(25),
        title: 'Dentist',
        description: 'Bring the card.\nAsk for a receipt.',
        priority: 'high',
        tags: ['Health', 'health', 'Phone'],
        due: { date: '2030-05-06', time: '09:30', timeZone: 'Europe/Berlin' },
        listId: home.id,
        mutationId: idAt(26),
        // Later calls complete and place tasks.
      } satisfies Required<Omit<TaskDraft, 'complete' | 'after'>> & { mutationId: string }),
  )
  const { tasks } = await call(
    'tasks.createMany',
    async () =>
      await ada.tasks.createMany.mutate({
        tasks: [
          { title: 'Write', listId: work.id, priority: 'urgent', due: { date: '2030-05-05' } },
          { title: 'Äpfel', tags: ['phone'], complete: true },
          { title: 'Read', listId: work.id, after: null, due: { date: '2020-01-01' } },
        ],
        mutationId: idAt(27),
      }),
  )
  const [write = milk, apples = milk] = tasks
  await changeTasks(recorder, ada, { milk, dentist, write, listId: work.id })
  await readTasks(recorder, ada, work.id)
  const { head, changes } = await call(
    'changes.list',
    async () => await ada.changes.list.query({ after: 0, limit: 500 }),
  )
  await call('changes.list in pages', async () => await ada.changes.list.query({ after: 0, limit: 2 }))
  await call('changes.list of a task', async () => await ada.changes.list.query({ after: 0, entityId: milk.id }))
  await call('changes.revert', async () => await ada.changes.revert.mutate({ revision: head, mutationId: idAt(28) }))
  await recorder.stream('changes.subscribe', (resolve) =>
    ada.changes.subscribe.subscribe(
      { after: changes.at(-3)?.revision ?? head },
      { onData: ({ data }) => void (data.type === 'head' && resolve()) },
    ),
  )
  await call('tasks.purge', async () => await ada.tasks.purge.mutate({ id: apples.id, mutationId: idAt(29) }))
  await call(
    'lists.delete',
    async () => await ada.lists.delete.mutate({ id: work.id, tasks: 'inbox', mutationId: idAt(30) }),
  )
  await call('changes after a purge', async () => await ada.changes.list.query({ after: head }))
}

interface Rows {
  milk: { id: string; revision: number }
  dentist: { id: string }
  write: { id: string }
  listId: string
}

async function changeTasks({ call }: Recorder, ada: Client, { milk, dentist, write, listId }: Rows): Promise<void> {
  await call('tasks.get', async () => await ada.tasks.get.query({ id: dentist.id }))
  await call(
    'tasks.update',
    async () =>
      await ada.tasks.update.mutate({
        id: milk.id,
        changes: { title: 'Buy oat milk', tags: ['Shop'], due: { date: '2030-05-07' } },
        expectedRevision: milk.revision,
        mutationId: idAt(40),
      }),
  )
  await call(
    'tasks.update of a date',
    async () =>
      await ada.tasks.update.mutate({
        id: dentist.id,
        changes: { dueDate: '2030-05-08', description: null },
        mutationId: idAt(41),
      }),
  )
  await call(
    'tasks.update of nothing',
    async () => await ada.tasks.update.mutate({ id: milk.id, changes: { priority: 'none' }, mutationId: idAt(42) }),
  )
  await call('tasks.complete', async () => await ada.tasks.complete.mutate({ id: milk.id, mutationId: idAt(43) }))
  await call(
    'tasks.complete reopens',
    async () => await ada.tasks.complete.mutate({ id: milk.id, complete: false, mutationId: idAt(44) }),
  )
  await call(
    'tasks.move',
    async () => await ada.tasks.move.mutate({ id: milk.id, listId, after: null, mutationId: idAt(45) }),
  )
  await call(
    'tasks.move within its list',
    async () => await ada.tasks.move.mutate({ id: milk.id, after: write.id, mutationId: idAt(46) }),
  )
  await call('tasks.delete', async () => await ada.tasks.delete.mutate({ id: write.id, mutationId: idAt(47) }))
  await call('tasks.restore', async () => await ada.tasks.restore.mutate({ id: write.id, mutationId: idAt(48) }))
  await call(
    'tags.rename',
    async () => await ada.tags.rename.mutate({ from: 'phone', to: 'Call', mutationId: idAt(49) }),
  )
  await call('tags.list', async () => await ada.tags.list.query({}))
  await call(
    'tasks.bulk that changes nothing',
    async () =>
      await ada.tasks.bulk.mutate({
        filter: { listId },
        action: { type: 'delete' },
        dryRun: true,
        maxAffected: 10,
        mutationId: idAt(50),
      }),
  )
  for (const [nr, action] of (
    [
      { type: 'update', changes: { priority: 'low' } },
      { type: 'complete', complete: true },
      { type: 'move', listId: null },
      { type: 'delete' },
      { type: 'restore' },
    ] as const
  ).entries())
    await call(
      `tasks.bulk: ${action.type}`,
      async () => await ada.tasks.bulk.mutate({ ids: [milk.id, write.id], action, mutationId: idAt(51 + nr) }),
    )
  await call(
    'tasks.bulk by a filter',
    async () =>
      await ada.tasks.bulk.mutate({
        filter: { search: 'oat' },
        action: { type: 'delete' },
        maxAffected: 10,
        mutationId: idAt(56),
      }),
  )
}

async function readTasks({ call }: Recorder, ada: Client, listId: string): Promise<void> {
  await call('lists.list', async () => await ada.lists.list.query({}))
  await call('tasks.list', async () => await ada.tasks.list.query({}))
  const { nextCursor } = await call(
    'a page of tasks',
    async () => await ada.tasks.list.query({ sort: { by: 'title', direction: 'asc' }, limit: 2 }),
  )
  await call(
    'the next page of tasks',
    async () => await ada.tasks.list.query({ sort: { by: 'title', direction: 'asc' }, limit: 2, cursor: nextCursor }),
  )
  for (const by of ['createdAt', 'updatedAt', 'completedAt', 'deletedAt', 'due', 'priority', 'title'] as const)
    await call(
      `tasks by ${by}`,
      async () => await ada.tasks.list.query({ sort: { by, direction: 'desc' }, filter: { trash: 'with' } }),
    )
  await call(
    'tasks by position',
    async () => await ada.tasks.list.query({ sort: { by: 'position', direction: 'asc' }, filter: { listId } }),
  )
  for (const [name, filter] of Object.entries({
    complete: { complete: true },
    priority: { priority: ['high', 'low'] },
    'all tags': { tags: { all: ['health', 'CALL'] } },
    'any tag': { tags: { any: ['shop', 'call'] } },
    lists: { listId: [listId, null] },
    'a due': { due: { after: '2030-05-05', before: '2030-05-09T00:00:00Z' } },
    overdue: { due: 'overdue' },
    'no due': { due: 'none' },
    search: { search: 'apfel' },
    'the trash': { trash: 'only' },
  } as const))
    // The filters are literals, and their arrays are not changed.
    await call(`tasks filtered: ${name}`, async () => await ada.tasks.list.query({ filter: filter as object }))
  await call('tasks.count', async () => await ada.tasks.count.query({ timeZone: 'Pacific/Auckland' }))
  await call(
    'a batch',
    async () => await Promise.all([ada.tasks.count.query({ filter: { listId } }), ada.tags.list.query({ limit: 1 })]),
  )
}
