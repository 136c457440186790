import { expect, test } from 'vitest'
import { editOf } from '../testing/edit-of.ts'
import { taskOf } from '../testing/task-of.ts'
import type { Edit, Wish } from './edit.ts'
import { createLayer, type Layer } from './layer.ts'
import { emptyRows, setRow } from './rows.ts'

const ID = taskOf({}).id
const LIST = '0193a1b2-0000-7000-8000-0000000000bb'
const owner = { account: 'an account', space: 'a space' }

/** Returns what is shown of these tasks after the wishes, which are made one after the other. */
function shownAfter(tasks: Parameters<typeof taskOf>[0][], ...wishes: Wish[]): Layer {
  const rows = emptyRows()
  for (const task of tasks.map(taskOf)) setRow(rows, { entity: 'task', id: task.id, row: task })
  setRow(rows, {
    entity: 'list',
    id: LIST,
    row: { id: LIST, name: 'Home', position: '80', revision: 1, createdAt: '', updatedAt: '' },
  })
  const layer = createLayer(rows, owner)
  layer.add(wishes.map((wish, at): Edit => editOf(wish, { order: at + 1 })))
  return layer
}
const titles = (layer: Layer): string[] =>
  [...layer.tasks()].sort((a, b) => (a.position < b.position ? -1 : 1)).map(({ title }) => title)
const create = (title: string, after?: string | null): Wish => ({
  procedure: 'tasks.create',
  input: { id: `id of ${title}`, title, after },
})

test('a new task has the defaults, and what the service derives', () => {
  const due = { date: '2026-11-22', time: '09:30', timeZone: 'Europe/Berlin' }
  const layer = shownAfter([], { procedure: 'tasks.create', input: { id: ID, title: 'Milk', due, complete: true } })
  expect(layer.task(ID)).toEqual({
    ...taskOf({ title: 'Milk', due, complete: true, position: '~000000000001', revision: 0 }),
    spaceId: owner.space,
    userId: owner.account,
    dueAt: '2026-11-22T08:30:00.000Z',
    completedAt: '2026-11-28T09:00:00.000Z',
    createdAt: '2026-11-28T09:00:00.000Z',
    updatedAt: '2026-11-28T09:00:00.000Z',
  })
})

test('tags are merged as the service does', () => {
  const tags = ['Home', ' work', 'HOME']
  const layer = shownAfter(
    [{ tags: ['x'] }],
    { procedure: 'tasks.create', input: { id: 'new', title: 'Milk', tags } },
    { procedure: 'tasks.update', input: { id: ID, changes: { tags } } },
  )
  for (const id of ['new', ID]) expect(layer.task(id)?.tags).toEqual(['Home', 'work'])
})

test('new tasks stand where they were placed, also among each other', () => {
  const tasks = ['a', 'b'].map((title, at) => ({ id: title, title, position: `8000000${at}` }))
  const layer = shownAfter(
    tasks,
    create('last'),
    create('first', null),
    create('after a', 'a'),
    create('directly after a', 'a'),
    create('really first', null),
    create('really last'),
    create('after the last', 'id of really last'),
  )
  expect(titles(layer)).toEqual([
    'really first',
    'first',
    'a',
    'directly after a',
    'after a',
    'b',
    'last',
    'really last',
    'after the last',
  ])
})

test('completing sets completedAt, reopening clears it, and another change leaves it', () => {
  const complete = (value: boolean): Wish => ({
    procedure: 'tasks.update',
    input: { id: ID, changes: { complete: value } },
  })
  expect(shownAfter([{}], complete(true)).task(ID)).toMatchObject({ completedAt: '2026-11-28T09:00:00.000Z' })
  const done = { complete: true, completedAt: '2026-01-01T00:00:00.000Z' }
  expect(shownAfter([done], complete(true)).task(ID)).toMatchObject(done)
  expect(shownAfter([done], complete(false)).task(ID)).toMatchObject({ complete: false, completedAt: null })
})

test('a deleted list takes its tasks to the inbox or to the trash', () => {
  const tasks = [
    { listId: LIST },
    { id: 'trashed', listId: LIST, deletedAt: '2026-01-01T00:00:00.000Z' },
    { id: 'other' },
  ]
  const toTrash = shownAfter(tasks, { procedure: 'lists.delete', input: { id: LIST, tasks: 'trash' } })
  expect(toTrash.list(LIST)).toBeUndefined()
  expect(toTrash.task(ID)).toMatchObject({ listId: null, deletedAt: '2026-11-28T09:00:00.000Z' })
  expect(toTrash.task('trashed')).toMatchObject({ listId: null, deletedAt: '2026-01-01T00:00:00.000Z' })
  expect(toTrash.task('other')).toMatchObject({ deletedAt: null })
  const toInbox = shownAfter(tasks, { procedure: 'lists.delete', input: { id: LIST, tasks: 'inbox' } })
  expect(toInbox.task(ID)).toMatchObject({ listId: null, deletedAt: null })
})

test('edits of a row that is gone have no effect', () => {
  const gone: Wish[] = [
    { procedure: 'tasks.update', input: { id: ID, changes: { title: 'x' } } },
    { procedure: 'tasks.restore', input: { id: ID } },
    { procedure: 'lists.update', input: { id: 'no list', changes: { name: 'x' } } },
  ]
  const layer = shownAfter([], ...gone)
  expect([[...layer.tasks()], [...layer.lists()].length]).toEqual([[], 1])
})

test('trash and back', () => {
  const [trash, restore, purge]: Wish[] = [
    { procedure: 'tasks.delete', input: { id: ID } },
    { procedure: 'tasks.restore', input: { id: ID } },
    { procedure: 'tasks.purge', input: { id: ID } },
  ]
  if (trash === undefined || restore === undefined || purge === undefined) throw new Error('These are three')
  expect(shownAfter([{}], trash).task(ID)?.deletedAt).toBe('2026-11-28T09:00:00.000Z')
  expect(shownAfter([{}], trash, restore).task(ID)).toMatchObject({ deletedAt: null, position: '~000000000002' })
  expect(shownAfter([{}], trash, purge).task(ID)).toBeUndefined()
})
