import type { List } from '@taskwire/client'
import { expect, test } from 'vitest'
import { describeEdit, type Wanted } from './describe-edit.ts'

const at = '2026-11-22T09:30:00.000Z'
const home: List = { id: 'home', name: 'Home', position: 'a', revision: 1, createdAt: at, updatedAt: at }
const title = 'Buy milk'
/** Leaves out the marks that isolate the direction of a title. */
const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/gu, '')
const here = { today: '2026-11-22', timeZone: 'Europe/Berlin' }

test.each<[Wanted, string]>([
  [{ procedure: 'tasks.create', input: { id: '1', title }, title }, 'Add the task “Buy milk”'],
  [
    { procedure: 'tasks.update', input: { id: '1', changes: { title: 'Buy oat milk' } }, title },
    'Change the title of “Buy milk” to “Buy oat milk”',
  ],
  [
    { procedure: 'tasks.update', input: { id: '1', changes: { priority: 'high', tags: [] } }, title },
    'Change the priority and the tags of “Buy milk”',
  ],
  [
    { procedure: 'tasks.update', input: { id: '1', changes: { due: null } }, title },
    'Remove the due date of “Buy milk”',
  ],
  [{ procedure: 'tasks.update', input: { id: '1', changes: { tags: [] } }, title }, 'Remove the tags of “Buy milk”'],
  [{ procedure: 'tasks.update', input: { id: '1', changes: { complete: true } }, title }, 'Complete “Buy milk”'],
  [{ procedure: 'tasks.move', input: { id: '1', listId: 'home' }, title }, 'Move “Buy milk” to the list “Home”'],
  [{ procedure: 'tasks.move', input: { id: '1', listId: null }, title }, 'Move “Buy milk” to the inbox'],
  [{ procedure: 'tasks.move', input: { id: '1', after: null }, title }, 'Move “Buy milk” to another place in its list'],
  [{ procedure: 'tasks.purge', input: { id: '1' }, title }, 'Erase “Buy milk” for good'],
  [
    { procedure: 'lists.update', input: { id: 'home', changes: { name: 'Garden' } }, title: 'Home' },
    'Rename the list “Home” to “Garden”',
  ],
  [
    { procedure: 'lists.update', input: { id: 'home', changes: { after: null } }, title: 'Home' },
    'Move the list “Home”',
  ],
  [
    { procedure: 'lists.delete', input: { id: 'home', tasks: 'trash' }, title: 'Home' },
    'Delete the list “Home”, and move its tasks to the trash',
  ],
])('%j is described', (edit, text) => {
  expect(plain(describeEdit(edit, { lists: [home], ...here }))).toBe(text)
})

test('a long title is shortened between characters', () => {
  const long = '🥛'.repeat(300)
  const edit: Wanted = { procedure: 'tasks.create', input: { id: '1', title: long }, title: long }
  expect(plain(describeEdit(edit, { lists: [], ...here }))).toBe(`Add the task “${'🥛'.repeat(80)}…”`)
})

test('the direction of a title does not affect the sentence', () => {
  const edit: Wanted = { procedure: 'tasks.delete', input: { id: '1' }, title: 'حليب' }
  expect(describeEdit(edit, { lists: [], ...here })).toBe('Move “\u2068حليب\u2069” to the trash')
})
