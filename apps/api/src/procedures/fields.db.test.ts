import { type Field, LIST_FIELDS, type ListContent, TASK_FIELDS, type Task, type TaskContent } from '@taskwire/contract'
import { afterAll, describe, expect, test } from 'vitest'
import { changesAfter, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'

// Sends each field of the contract's tables through every way in and out of the database.

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** A value of each kind, other than the one that a new task or list has. */
const VALUES: Record<Field['kind'], unknown> = {
  line: 'A line',
  // With the separators of tasks.list.sql.
  text: 'two\nlines\u001e\u001f',
  flag: true,
  priority: 'high',
  tags: ['One', 'two'],
  due: { date: '2026-05-01', time: '10:00', timeZone: 'Europe/Paris' },
}
const FUNCTIONS = 'packages/db/src/functions'

test.each(['tasks', 'lists'])(
  'the migrations grant the service UPDATE on the column of each field of tw.%s',
  async (table) => {
    const rows = await service.admin(
      `select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
     and not has_column_privilege('taskwire_app', attrelid, attnum, 'update') order by attnum`,
      [`tw.${table}`],
    )
    const unchanging = ['space_id', 'id', 'user_id', 'created_at']
    expect(rows.map(({ attname }) => attname).filter((name) => !unchanging.includes(String(name)))).toEqual([])
  },
)

describe.each(Object.entries(TASK_FIELDS))('the field %s of a task', (name, { kind }) => {
  const value = VALUES[kind]
  // The value is one of the field's kind.
  const content = { [name]: value } as Partial<TaskContent>
  const valueOf = (task: object | undefined): unknown => Reflect.get(task ?? {}, name)

  test('is created, and is read in every way', async () => {
    const { client } = await newCaller(service)
    const { id } = await client.tasks.create.mutate({ title: 'x', ...content })
    const task = await client.tasks.get.query({ id })
    expect(valueOf(task), `${FUNCTIONS}/tasks/changed_task.sql or task_json.sql`).toEqual(value)
    expect((await client.tasks.list.query({})).items, 'tasks.list.sql or task-row.ts').toEqual([task])
    expect((await client.me.export.query({})).tasks).toEqual([task])
    const { tasks } = await client.tasks.createMany.mutate({ tasks: [{ title: 'x', ...content }] })
    const read = await client.tasks.get.query({ id: tasks[0]?.id ?? '' })
    expect(valueOf(read), `${FUNCTIONS}/tasks/create_tasks.sql`).toEqual(value)
  })

  test('is updated, logged and reverted, alone and in bulk', async () => {
    const caller = await newCaller(service)
    const { client } = caller
    const first = await client.tasks.create.mutate({ title: 'x' })
    const { id } = first
    const stored = async (): Promise<Task> => await client.tasks.get.query({ id })
    const writers = [
      ['update_task.sql', async () => await client.tasks.update.mutate({ id, changes: content })],
      [
        'save_tasks.sql',
        async () => await client.tasks.bulk.mutate({ ids: [id], action: { type: 'update', changes: content } }),
      ],
    ] as const
    for (const [file, write] of writers) {
      const { revision } = await stored()
      await write()
      expect(valueOf(await stored()), `${FUNCTIONS}/tasks/${file}`).toEqual(value)
      const [change] = await changesAfter(caller, revision)
      expect([valueOf(change?.before ?? {}), valueOf(change?.after ?? {})], 'the Change').toEqual([
        valueOf(first),
        value,
      ])
      await client.changes.revert.mutate({ revision: change?.revision ?? 0 })
      expect(valueOf(await stored()), `${FUNCTIONS}/tasks/undone_task.sql or save_tasks.sql`).toEqual(valueOf(first))
    }
  })
})

describe.each(Object.entries(LIST_FIELDS))('the field %s of a list', (name, { kind }) => {
  const value = VALUES[kind]
  // The value is one of the field's kind.
  const content = { [name]: value } as Partial<ListContent>
  const valueOf = (list: object | undefined): unknown => Reflect.get(list ?? {}, name)

  test('is created, and is read in every way', async () => {
    const { client } = await newCaller(service)
    await client.lists.create.mutate({ name: 'x', ...content })
    const { items } = await client.lists.list.query({})
    expect(valueOf(items[0]), `${FUNCTIONS}/lists/changed_list.sql or list_json.sql`).toEqual(value)
    expect((await client.me.export.query({})).lists).toEqual(items)
  })

  test('is updated, logged, deleted and reverted', async () => {
    const caller = await newCaller(service)
    const { client } = caller
    const first = await client.lists.create.mutate({ name: 'x' })
    const { id } = first
    const stored = async (): Promise<unknown> => valueOf((await client.lists.list.query({})).items[0])
    const updated = await client.lists.update.mutate({ id, changes: content })
    expect(await stored(), `${FUNCTIONS}/lists/save_lists.sql`).toEqual(value)
    const [change] = await changesAfter(caller, first.revision)
    expect(change).toMatchObject({ action: 'update', before: { [name]: valueOf(first) }, after: { [name]: value } })
    const { revision } = await client.lists.delete.mutate({ id, tasks: 'inbox' })
    await client.changes.revert.mutate({ revision })
    expect(await stored(), `${FUNCTIONS}/lists/undone_list.sql, which restores the deleted list`).toEqual(value)
    await client.changes.revert.mutate({ revision: updated.revision })
    expect(await stored(), `${FUNCTIONS}/lists/undone_list.sql or save_lists.sql`).toEqual(valueOf(first))
  })
})
