import { expect, test } from 'vitest'
import { editOf } from '../testing/edit-of.ts'
import { taskOf } from '../testing/task-of.ts'
import { baseOf, conflictsOf, dependsOn, type Edit, rebase, type Wish, withState } from './edit.ts'

const ID = taskOf({}).id
const update = (changes: Extract<Wish, { procedure: 'tasks.update' }>['input']['changes'], id = ID): Wish => ({
  procedure: 'tasks.update',
  input: { id, changes },
})
const purge: Wish = { procedure: 'tasks.purge', input: { id: ID } }

test('the base of an update has the fields that it sets, that of a purge all that would be lost', () => {
  const task = taskOf({ title: 'Milk', tags: ['shop'] })
  expect(baseOf(update({ tags: ['home'], due: undefined }), task)).toEqual({ tags: ['shop'] })
  expect(baseOf({ procedure: 'tasks.move', input: { id: ID, listId: null } }, task)).toEqual({ listId: null })
  expect(baseOf({ procedure: 'tasks.move', input: { id: ID, after: null } }, task)).toEqual({})
  expect(Object.keys(baseOf(purge, task)).sort()).toEqual([
    'complete',
    'description',
    'due',
    'priority',
    'tags',
    'title',
  ])
})

test.each([
  ['the field is as it was', { title: 'Milk' }, false],
  ['someone else has set the same value', { title: 'Oat milk' }, false],
  ['someone else has changed another field', { title: 'Milk', tags: ['new'] }, false],
  ['someone else has changed the field', { title: 'Soy milk' }, true],
])('an update conflicts only over a field that it sets: %s', (_case, fields, conflicts) => {
  const edit = editOf(update({ title: 'Oat milk' }), { base: { title: 'Milk' } })
  expect(conflictsOf(edit, taskOf(fields)).length > 0).toBe(conflicts)
})

test('dues and tags are compared by their content', () => {
  const base = { due: { date: '2026-11-22', time: '09:00', timeZone: 'UTC' }, tags: ['a', 'b'] }
  const edit = editOf(update({ due: null, tags: [] }), { base })
  const due = { timeZone: 'UTC', time: '09:00', date: '2026-11-22' }
  expect(conflictsOf(edit, taskOf({ due, tags: ['a', 'b'] }))).toEqual([])
  expect(conflictsOf(edit, taskOf({ due, tags: ['b', 'a'] }))).toEqual([
    { field: 'tags', mine: [], theirs: ['b', 'a'] },
  ])
})

test('a purge conflicts with any change of the content', () => {
  const task = taskOf({ title: 'Milk' })
  const edit = editOf(purge, { base: baseOf(purge, task) })
  expect(conflictsOf(edit, { ...task, position: 'f0', revision: 9 })).toEqual([])
  expect(conflictsOf(edit, { ...task, description: 'Two litres' })).toEqual([
    { field: 'description', mine: undefined, theirs: 'Two litres' },
  ])
})

test('an edit depends on earlier ones of the same field, and on the create of a row that it needs', () => {
  const list = '0193a1b2-0000-7000-8000-0000000000bb'
  const title = update({ title: 'a' })
  expect(dependsOn(update({ title: 'b' }), title)).toBe(true)
  expect(dependsOn(update({ tags: [] }), title)).toBe(false)
  expect(dependsOn(update({ title: 'b' }, list), title)).toBe(false)
  expect(dependsOn({ procedure: 'tasks.delete', input: { id: ID } }, title)).toBe(true)
  const created: Wish = { procedure: 'lists.create', input: { id: list, name: 'Home' } }
  expect(dependsOn({ procedure: 'tasks.move', input: { id: ID, listId: list } }, created)).toBe(true)
  expect(dependsOn({ procedure: 'tasks.create', input: { id: ID, title: 'a', listId: list } }, created)).toBe(true)
  expect(dependsOn({ procedure: 'tasks.create', input: { id: ID, title: 'a' } }, created)).toBe(false)
})

test('a restore does not wait for a change that is refused because the task is in the trash', () => {
  const restore: Wish = { procedure: 'tasks.restore', input: { id: ID } }
  expect(dependsOn(restore, update({ title: 'a' }))).toBe(false)
  expect(dependsOn(restore, { procedure: 'tasks.move', input: { id: ID, after: null } })).toBe(false)
  expect(dependsOn(restore, { procedure: 'tasks.delete', input: { id: ID } })).toBe(true)
  expect(dependsOn(update({ title: 'a' }), restore)).toBe(true)
})

test('the next edit of a field goes on from how the service has written it', () => {
  const first = editOf(update({ title: ' Milk ' }), { order: 1, base: { title: 'a' } })
  const later = [
    editOf(update({ tags: ['x'] }), { order: 2, base: { tags: [] } }),
    editOf(update({ title: 'Oat milk' }), { order: 3, base: { title: ' Milk ' } }),
    editOf(update({ title: 'Soy milk' }), { order: 4, base: { title: 'Oat milk' } }),
  ]
  const rebased = rebase(first, taskOf({ title: 'Milk', tags: ['someone else'] }), later)
  expect(rebased.map(({ order, base }) => [order, base])).toEqual([[3, { title: 'Milk' }]])
})

test('the reply to a create does not undo what the deletion of its list has done since', () => {
  const list = '0193a1b2-0000-7000-8000-0000000000bb'
  const create = editOf({ procedure: 'tasks.create', input: { id: ID, title: 'Milk', listId: list } }, { order: 1 })
  const move = editOf({ procedure: 'tasks.move', input: { id: ID, listId: ID } }, { order: 3, base: { listId: null } })
  const deletionOf = (id: string): Edit =>
    editOf({ procedure: 'lists.delete', input: { id, tasks: 'inbox' } }, { order: 2 })
  const row = taskOf({ listId: list })
  expect(rebase(create, row, [deletionOf(list), move])).toEqual([move])
  const stale = { ...move, base: { listId: list } }
  expect(rebase(create, row, [deletionOf(list), stale])).toEqual([move])
  expect(rebase(create, row, [deletionOf(ID), move])).toEqual([{ ...move, base: { listId: list } }])
})

test('an edit in another state keeps nothing of the old one', () => {
  const refused = editOf(purge, { state: 'refused', refusal: { appCode: 'FORBIDDEN', message: 'no', fields: [] } })
  expect(withState(refused, { state: 'pending' })).toEqual(editOf(purge))
})
