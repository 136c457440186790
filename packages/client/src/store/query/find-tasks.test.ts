import { expect, test } from 'vitest'
import { taskOf } from '../../testing/task-of.ts'
import { countTasks, findTasks } from './find-tasks.ts'
import { tagCounts } from './tag-counts.ts'

const CLOCK = { now: new Date('2026-11-22T09:30:00.000Z'), timeZone: 'UTC' }
const deletedAt = '2026-11-22T09:30:00.000Z'
const past = { date: '2026-01-01' }
const TASKS = [
  taskOf({ id: 'a', createdAt: '2026-11-01T00:00:00.000Z', due: past, tags: ['Home', '💡'], revision: 4 }),
  taskOf({ id: 'b', createdAt: '2026-11-03T00:00:00.000Z', due: past, complete: true, tags: ['HOME'], revision: 5 }),
  taskOf({ id: 'c', createdAt: '2026-11-02T00:00:00.000Z', tags: ['home', '！'], revision: 3 }),
  taskOf({ id: 'd', due: past, deletedAt, tags: ['hoMe', 'gone'], revision: 6 }),
]

test('without a sort, the newest tasks come first', () => {
  expect(findTasks(TASKS, {}, CLOCK).map(({ id }) => id)).toEqual(['b', 'c', 'a'])
  const sort = { by: 'createdAt', direction: 'asc' } as const
  expect(findTasks(new Set(TASKS), { filter: { complete: false }, sort }, CLOCK).map(({ id }) => id)).toEqual([
    'a',
    'c',
  ])
})

test('a task in the trash is counted if it matches, but is not overdue', () => {
  expect(countTasks(TASKS, { trash: 'with' }, CLOCK)).toEqual({ total: 4, open: 3, complete: 1, overdue: 1 })
  expect(countTasks(TASKS, {}, CLOCK)).toEqual({ total: 3, open: 2, complete: 1, overdue: 1 })
})

test('tags have the latest spelling, and are in the order of their code points', () => {
  expect(tagCounts(TASKS)).toEqual([
    { tag: 'HOME', count: 3 },
    { tag: '！', count: 1 },
    { tag: '💡', count: 1 },
  ])
})
