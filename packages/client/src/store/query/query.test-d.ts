import { expectTypeOf, test } from 'vitest'
import type { Counts, Due, TagCount, Task, TaskFilter, TaskSort } from '../../index.ts'
import { type Clock, comparator, countTasks, dueAtOf, findTasks, matcher, tagCounts } from '../../store.ts'

const clock: Clock = { now: new Date(), timeZone: 'UTC' }

test('queries take the filters and sorts of the service, and any collection of tasks', () => {
  expectTypeOf(matcher).toEqualTypeOf<(filter: TaskFilter, clock: Clock) => (task: Task) => boolean>()
  expectTypeOf(comparator).toEqualTypeOf<(sort: TaskSort) => (a: Task, b: Task) => number>()
  expectTypeOf(countTasks).toEqualTypeOf<(tasks: Iterable<Task>, filter: TaskFilter, clock: Clock) => Counts>()
  expectTypeOf(tagCounts).toEqualTypeOf<(tasks: Iterable<Task>) => TagCount[]>()
  expectTypeOf(dueAtOf).toEqualTypeOf<(due: Due | null) => string | null>()
  expectTypeOf(findTasks(new Map<string, Task>().values(), {}, clock)).toEqualTypeOf<Task[]>()
  // @ts-expect-error -- no such field
  void findTasks([], { filter: { colour: 'red' } }, clock)
  // @ts-expect-error -- no such order
  void findTasks([], { sort: { by: 'colour', direction: 'asc' } }, clock)
})
