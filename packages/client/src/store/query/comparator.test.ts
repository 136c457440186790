import type { Task } from '@taskwire/contract/task'
import type { TaskSort } from '@taskwire/contract/task-filter'
import { expect, test } from 'vitest'
import { taskOf } from '../../testing/task-of.ts'
import { comparator } from './comparator.ts'

function sorted(by: TaskSort['by'], tasks: Record<string, Partial<Task>>): string[] {
  return (['asc', 'desc'] as const).map((direction) =>
    Object.entries(tasks)
      .map(([id, fields]) => taskOf({ id, ...fields }))
      .sort(comparator({ by, direction }))
      .map(({ id }) => id)
      .join(''),
  )
}
const titled = (titles: Record<string, string>): Record<string, Partial<Task>> =>
  Object.fromEntries(Object.entries(titles).map(([id, title]) => [id, { title }]))

test('ties are by id in the direction of the sort, and null is last in both', () => {
  const [early, late] = ['2026-11-22T09:30:00.000Z', '2026-11-22T09:30:00.001Z']
  const times = { a: {}, b: { completedAt: late }, c: { completedAt: early }, d: { completedAt: late }, e: {} }
  expect(sorted('completedAt', times)).toEqual(['cbdae', 'dbcea'])
  expect(sorted('priority', { a: { priority: 'urgent' }, b: { priority: 'low' }, c: { priority: 'low' } })).toEqual([
    'bca',
    'acb',
  ])
})

test('dues are by date, within a date all-day first, then by instant', () => {
  const dues: Record<string, Partial<Task>> = {
    a: {},
    b: { due: { date: '2026-05-02', time: '09:00', timeZone: 'Asia/Tokyo' }, dueAt: '2026-05-02T00:00:00.000Z' },
    c: { due: { date: '2026-05-02' } },
    // An instant on the day before, and the date May 2.
    d: { due: { date: '2026-05-02', time: '01:00', timeZone: 'Asia/Tokyo' }, dueAt: '2026-05-01T16:00:00.000Z' },
    e: { due: { date: '2026-05-01', time: '23:00', timeZone: 'Etc/GMT+12' }, dueAt: '2026-05-02T11:00:00.000Z' },
  }
  expect(sorted('due', dues)).toEqual(['ecdba', 'bdcea'])
})

test('titles are in the root order, and titles that it takes as equal in the order of their code points', () => {
  const titles = { a: 'Zebra', b: 'éclair', c: 'eclair', d: 'apple', e: 'APPLE', f: '10', g: '-x', h: 'apple' }
  expect(sorted('title', titled(titles))).toEqual(['gfdhecba', 'abcehdfg'])
  // Of these characters, which the root order ignores, U+E0061 has the lower UTF-16 units.
  expect(sorted('title', titled({ a: 'x\u{e0061}', b: 'x\ufeffy', c: 'x\ufeff', d: 'x' }))).toEqual(['dcab', 'bacd'])
})
