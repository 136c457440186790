import type { Task } from '@taskwire/contract/task'
import type { TaskFilter, TaskSort } from '@taskwire/contract/task-filter'
import { expect, test, vi } from 'vitest'
import { taskOf } from '../testing/task-of.ts'
import { createListeners } from './listeners.ts'
import { liveCounts, liveTags, liveTasks } from './live-tasks.ts'
import { countTasks, findTasks } from './query/find-tasks.ts'
import { tagCounts } from './query/tag-counts.ts'
import { emptyRows } from './rows.ts'
import type { Changed, View } from './view.ts'

const CLOCK = { now: new Date('2026-11-28T12:00:00.000Z'), timeZone: 'UTC' }

/** A view of tasks that the test sets. The test may move its clock. */
function testView(
  clock = CLOCK,
): View & { set(...tasks: Task[]): void; remove(id: string): void; subscribers(): number } {
  const rows = emptyRows()
  const listeners = createListeners<[Changed]>()
  let version = 0
  const changed = (ids: string[]): void => {
    version++
    listeners.call({ task: new Set(ids), list: new Set() })
  }
  return {
    account: 'account',
    space: 'space',
    meta: { instance: '', seq: 0, horizon: 0, after: 0, contract: '', timeZone: 'UTC', lastSynced: null },
    mirror: rows,
    edits: [],
    isHidden: false,
    get version() {
      return version
    },
    task: (id) => rows.task.get(id),
    list: () => undefined,
    tasks: () => rows.task.values(),
    lists: () => [],
    clock: () => clock,
    hide() {},
    async refresh() {},
    subscribe: listeners.add,
    subscribers: () => listeners.size,
    set(...tasks) {
      for (const task of tasks) rows.task.set(task.id, task)
      changed(tasks.map(({ id }) => id))
    },
    remove(id) {
      rows.task.delete(id)
      changed([id])
    },
  }
}

/** Returns drawn numbers below `most`, the same in each run. */
function drawing(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * most)
  }
}

const FILTERS: TaskFilter[] = [{}, { complete: false }, { tags: { any: ['a'] } }, { due: 'overdue' }, { trash: 'with' }]
const SORTS: TaskSort[] = [
  { by: 'createdAt', direction: 'desc' },
  { by: 'title', direction: 'asc' },
  { by: 'due', direction: 'asc' },
  { by: 'priority', direction: 'desc' },
]

test.each([1, 2, 3])(
  'kept up to date step by step, lists and counts are those that are computed anew (seed %s)',
  (seed) => {
    const draw = drawing(seed)
    const view = testView()
    let revision = 0
    const drawTask = (): Task =>
      taskOf({
        id: `task ${draw(40)}`,
        title: 'abcde'[draw(5)] ?? '',
        complete: draw(2) === 0,
        priority: draw(2) === 0 ? 'high' : 'none',
        tags: draw(2) === 0 ? [['a', 'A'][draw(2)] ?? '', 'bcd'[draw(3)] ?? ''] : [],
        revision: ++revision,
        due: draw(2) === 0 ? { date: `2026-11-2${draw(10)}` } : null,
        deletedAt: draw(4) === 0 ? '2026-11-28T00:00:00.000Z' : null,
        createdAt: `2026-11-2${draw(10)}T00:00:00.000Z`,
      })
    view.set(...Array.from({ length: 20 }, drawTask))
    const lists = FILTERS.flatMap((filter) =>
      SORTS.map((sort) => ({ filter, sort, live: liveTasks(view, filter, sort) })),
    )
    const counts = FILTERS.map((filter) => ({ filter, live: liveCounts(view, filter) }))
    const tags = liveTags(view)
    for (const { live } of [...lists, ...counts]) live.subscribe(() => {})
    tags.subscribe(() => {})
    for (let step = 0; step < 60; step++) {
      if (draw(4) === 0) view.remove(`task ${draw(40)}`)
      else view.set(...Array.from({ length: 1 + draw(3) }, drawTask))
      for (const { filter, sort, live } of lists)
        expect(live.get()).toEqual(findTasks(view.tasks(), { filter, sort }, CLOCK))
      for (const { filter, live } of counts) expect(live.get()).toEqual(countTasks(view.tasks(), filter, CLOCK))
      expect(tags.get()).toEqual(tagCounts(view.tasks()))
    }
  },
)

test('a value stays the same object, and its listeners are not called, until it changes', () => {
  const view = testView()
  view.set(taskOf({ id: 'a' }))
  const open = liveTasks(view, { complete: false }, { by: 'createdAt', direction: 'asc' })
  let calls = 0
  const stop = open.subscribe(() => calls++)
  const before = open.get()
  view.set(taskOf({ id: 'b', complete: true }))
  expect([open.get() === before, calls]).toEqual([true, 0])
  view.set(taskOf({ id: 'c' }))
  expect([open.get().length, before.length, calls]).toEqual([2, 1, 1])
  stop()
})

test('nothing is subscribed to the view once the last listener is gone; the value is still right', () => {
  const view = testView()
  const tags = liveTags(view)
  const stops = [tags.subscribe(() => {}), tags.subscribe(() => {})]
  expect(view.subscribers()).toBe(1)
  for (const stop of stops) stop()
  for (const stop of stops) stop()
  expect(view.subscribers()).toBe(0)
  view.set(taskOf({ id: 'a', tags: ['x'] }))
  expect(tags.get()).toEqual([{ tag: 'x', count: 1 }])
})

test('a list of what is due today is right on the next day too, without a listener and without a change', () => {
  vi.useFakeTimers({ now: CLOCK.now })
  const clock = { ...CLOCK }
  const view = testView(clock)
  view.set(taskOf({ id: 'a', due: { date: '2026-11-28' } }), taskOf({ id: 'b', due: { date: '2026-11-29' } }))
  const today = liveTasks(view, { due: 'today' }, { by: 'title', direction: 'asc' })
  expect(today.get().map(({ id }) => id)).toEqual(['a'])
  clock.now = new Date('2026-11-29T12:00:00.000Z')
  vi.setSystemTime(clock.now)
  expect(today.get().map(({ id }) => id)).toEqual(['b'])
  vi.useRealTimers()
})
