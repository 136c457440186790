import type { Change, RevisionedPage, Task, TaskFilter, TaskSort } from '@taskwire/contract'
import { expect } from 'vitest'
import { inOrder, matches } from './queries.ts'
import { byPosition } from './state.ts'
import { keyOf } from './text.ts'
import { isOverdue } from './time.ts'
import type { Environment } from './environment.ts'

export interface Query {
  filter: TaskFilter
  sort: TaskSort
  limit: number
  timeZone: string | undefined
}

/** Checks all pages of a list, and its counts, against the model. */
export async function checkQuery({ caller, state, zone: accountZone }: Environment, input: Query): Promise<void> {
  const { filter, sort, timeZone, limit } = input
  const clock = { zone: timeZone ?? accountZone, now: Date.now() }
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
  const message = JSON.stringify(input)
  expect(items, message).toEqual(inOrder(found, sort))
  expect(await caller.client.tasks.count.query({ filter, timeZone }), message).toEqual({
    total: found.length,
    open: found.filter(({ complete }) => !complete).length,
    complete: found.filter(({ complete }) => complete).length,
    overdue: found.filter((task) => isOverdue(task, clock.zone, clock.now)).length,
  })
}

/** Checks lists, tags, the newest histories and the whole export against the model. */
export async function checkAllRows(environment: Environment): Promise<void> {
  const { caller, state } = environment
  const { client } = caller
  expect(await client.lists.list.query({ limit: 100 })).toEqual({
    items: byPosition(state.lists.values()),
    nextCursor: null,
    revision: state.head,
  })
  const live = [...state.tasks.values()].filter(({ deletedAt }) => deletedAt === null)
  const counts = Map.groupBy(
    live.flatMap(({ tags }) => tags.map(keyOf)),
    (tag) => tag,
  )
  const { items } = await client.tags.list.query({ limit: 100 })
  expect(items.map(({ tag, count }) => `${keyOf(tag)} ${count}`).toSorted()).toEqual(
    [...counts].map(([tag, all]) => `${tag} ${all.length}`).toSorted(),
  )
  const { tasks, changes, nextCursor } = await client.me.export.query({})
  expect(nextCursor).toBeNull()
  expect(new Map(tasks.map((task) => [task.id, task]))).toEqual(state.tasks)
  expect(changes).toEqual(state.log)
  for (const id of new Set(state.log.slice(-4).map(({ entityId }) => entityId))) await checkHistory(environment, id)
}

/** Checks all pages of the Changes of one entity against the log. */
async function checkHistory({ caller, state }: Environment, entityId: string): Promise<void> {
  const limit = 2
  const history: Change[] = []
  for (let after = 0, more = true; more;) {
    const page = await caller.client.changes.list.query({ after, limit, entityId })
    history.push(...page.changes)
    after = page.nextAfter
    more = after !== page.head
    expect(page).toMatchObject({ head: state.head, nextAfter: more ? page.changes[limit - 1]?.revision : state.head })
  }
  expect(history).toEqual(state.log.filter((change) => change.entityId === entityId))
}
