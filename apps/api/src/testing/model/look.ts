import type { RevisionedPage, Task, TaskFilter, TaskSort } from '@taskwire/contract'
import { expect } from 'vitest'
import { inOrder, matches } from './reads.ts'
import { byPosition } from './state.ts'
import { key } from './text.ts'
import { isOverdue } from './time.ts'
import type { World } from './world.ts'

export interface Question {
  filter: TaskFilter
  sort: TaskSort
  limit: number
  timeZone: string | undefined
}

/** A walk through all pages of a list, and its counts, are what the model finds. */
export async function look({ caller, state, zone: own }: World, input: Question): Promise<void> {
  const { filter, sort, timeZone, limit } = input
  const clock = { zone: timeZone ?? own, now: Date.now() }
  const found = [...state.tasks.values()].filter((task) => matches(task, filter, clock))
  const items: Task[] = []
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page: RevisionedPage<Task> = await caller.client.tasks.list.query({
      ...input,
      cursor,
    })
    expect(page.revision).toBe(state.head)
    if (page.nextCursor !== null) expect(page.items.length).toBe(limit)
    items.push(...page.items)
    cursor = page.nextCursor
  }
  const told = JSON.stringify(input)
  expect(items, told).toEqual(inOrder(found, sort))
  expect(await caller.client.tasks.count.query({ filter, timeZone }), told).toEqual({
    total: found.length,
    open: found.filter(({ complete }) => !complete).length,
    complete: found.filter(({ complete }) => complete).length,
    overdue: found.filter((task) => isOverdue(task, clock.zone, clock.now)).length,
  })
}

/** Lists, tags and the whole export are what the model has. */
export async function lookAtAll({ caller, state }: World): Promise<void> {
  const { client } = caller
  expect(await client.lists.list.query({ limit: 100 })).toEqual({
    items: byPosition(state.lists.values()),
    nextCursor: null,
    revision: state.head,
  })
  const live = [...state.tasks.values()].filter(({ deletedAt }) => deletedAt === null)
  const counts = Map.groupBy(
    live.flatMap(({ tags }) => tags.map(key)),
    (tag) => tag,
  )
  const { items } = await client.tags.list.query({ limit: 100 })
  expect(items.map(({ tag, count }) => `${key(tag)} ${count}`).toSorted()).toEqual(
    [...counts].map(([tag, all]) => `${tag} ${all.length}`).toSorted(),
  )
  const { tasks, changes, nextCursor } = await client.me.export.query({})
  expect(nextCursor).toBeNull()
  expect(new Map(tasks.map((task) => [task.id, task]))).toEqual(state.tasks)
  expect(changes).toEqual(state.log)
}
