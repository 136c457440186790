import { createNote, type TaskDraft } from '@taskwire/importers'
import { expect, test } from 'vitest'
import { planImport } from './plan.ts'

function draft(id: string, list: string | null = null): TaskDraft {
  const label = `"${id}"`
  return {
    id,
    title: id,
    description: null,
    complete: false,
    priority: 'none',
    tags: [],
    due: null,
    list,
    source: { label },
  }
}

const GARDEN = { id: 'g', name: 'Garden' }

test('tasks that the account or an earlier file has are not created again', () => {
  const states = new Map([
    ['a', 'open'],
    ['b', 'complete'],
    ['c', 'trash'],
  ] as const)
  const first = { tasks: ['a', 'b', 'c', 'd'].map((id) => draft(id)), notes: [], key: 1 }
  const second = { tasks: ['d', 'e'].map((id) => draft(id)), notes: [], key: 1 }
  const [one, two] = planImport([first, second], states, [])
  expect(one).toMatchObject({
    fresh: [{ id: 'd' }],
    existing: { open: 1, complete: 1, trash: 1, repeated: 0 },
    trashed: ['c'],
  })
  expect(two).toMatchObject({ fresh: [{ id: 'e' }], existing: { open: 0, complete: 0, trash: 0, repeated: 1 } })
})

test('lists are found in any case, and only new tasks create lists', () => {
  const tasks = [draft('a'), draft('b', 'GARDEN'), draft('c', 'Work'), draft('d', 'work'), draft('e', 'Old')]
  const [plan] = planImport([{ tasks, notes: [], key: 1 }], new Map([['e', 'open']]), [GARDEN])
  expect(plan?.places).toEqual([
    { name: null, count: 1, isNew: false },
    { name: 'Garden', count: 1, isNew: false },
    { name: 'Work', count: 2, isNew: true },
  ])
})

test('a list named inbox is the inbox', () => {
  const [plan] = planImport([{ tasks: [draft('a', 'Inbox'), draft('b')], notes: [], key: 1 }], new Map(), [])
  expect(plan?.places).toEqual([{ name: null, count: 2, isNew: false }])
})

test('notes on tasks that are there already are left out', () => {
  const notes = ['a', 'b'].map((id) => createNote('recurrence', { label: `"${id}"`, detail: 'weekly' }))
  const [plan] = planImport([{ tasks: [draft('a'), draft('b')], notes, key: 1 }], new Map([['a', 'open']]), [])
  expect(plan?.notes).toEqual([notes[1]])
})
