import { contract } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { callShapeOf } from './call-shapes.ts'

const list = (input: unknown) => callShapeOf('tasks.list', contract.tasks.list.input.parse(input))
const bulk = (input: object) =>
  callShapeOf('tasks.bulk', contract.tasks.bulk.input.parse({ action: { type: 'delete' }, ...input }))
const ids = (count: number): string[] => Array.from({ length: count }, () => crypto.randomUUID())
const by = (sort: string, direction = 'asc') => ({ by: sort, direction })

test.each([
  {},
  { sort: by('due') },
  { sort: by('createdAt'), limit: 100, filter: { trash: 'without' } },
  { sort: by('position'), filter: { listId: null, complete: false } },
])('a page that is read along an index is short: %j', (input) => {
  expect(list(input)).toEqual({ name: 'tasks.list', mayBeSlow: false, isOneRow: false })
})

test.each([
  [{ filter: { search: 'x' } }, 'search'],
  [{ sort: by('title') }, 'by title'],
  [{ sort: by('createdAt'), filter: { trash: 'only' } }, 'by createdAt'],
  [{ filter: { tags: { any: ['a'] } } }, 'filtered'],
  [{ filter: { listId: null } }, 'filtered'],
])('a page that may read all tasks may be slow: %j', (input, name) => {
  expect(list(input)).toEqual({ name: `tasks.list ${name}`, mayBeSlow: true, isOneRow: false })
})

test('a mutation of many tasks, or by a filter, may be slow', () => {
  expect(bulk({ ids: ids(50) }).mayBeSlow).toBe(false)
  expect(bulk({ ids: ids(51) }).mayBeSlow).toBe(true)
  expect(bulk({ filter: { complete: true }, maxAffected: 1 }).name).toBe('tasks.bulk by filter')
  const many = (count: number) => ({ tasks: Array.from({ length: count }, () => ({ title: 'x' })) })
  expect([50, 51].map((count) => callShapeOf('tasks.createMany', many(count)).mayBeSlow)).toEqual([false, true])
})

test('calls of one shape share one object', () => {
  expect(callShapeOf('tasks.count', {})).toBe(callShapeOf('tasks.count', { filter: { complete: true } }))
  expect(callShapeOf('tasks.get', { id: 'x' })).toEqual({ name: 'tasks.get', mayBeSlow: false, isOneRow: true })
  expect(callShapeOf('system.health', undefined).mayBeSlow).toBe(false)
})
