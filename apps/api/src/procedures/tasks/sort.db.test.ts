import {
  type Due,
  PRIORITIES,
  SORTS,
  type Task,
  type TaskFilter,
  type TaskListInput,
  type TaskSort,
} from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, newCaller } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const TITLES = [
  'Zebra',
  'apple',
  'Äpfel',
  'Apfel',
  'APPLE',
  'zebra',
  'éclair',
  'eclair',
  'Σ',
  'б',
  '买',
  '10',
  '9',
  '-x',
  'x',
]
const DUES: (Due | null)[] = [
  null,
  { date: '2026-05-01' },
  { date: '2026-05-01', time: '00:00', timeZone: 'UTC' },
  // Midnight in UTC of May 2, and eight hours earlier. Both have the local date May 2.
  { date: '2026-05-02', time: '09:00', timeZone: 'Asia/Tokyo' },
  { date: '2026-05-02', time: '01:00', timeZone: 'Asia/Tokyo' },
  { date: '2026-05-02' },
  // Its local date is April 30, but its instant is on May 1 in UTC.
  { date: '2026-04-30', time: '20:00', timeZone: 'America/Los_Angeles' },
]
const ROOT = new Intl.Collator('en')

const by: Record<TaskSort['by'], (a: Task, b: Task) => number> = {
  createdAt: (a, b) => compare(a.createdAt, b.createdAt),
  updatedAt: (a, b) => compare(a.updatedAt, b.updatedAt),
  completedAt: (a, b) => compare(a.completedAt ?? '', b.completedAt ?? ''),
  deletedAt: (a, b) => compare(a.deletedAt ?? '', b.deletedAt ?? ''),
  due: (a, b) => compare(a.due?.date ?? '', b.due?.date ?? '') || compare(a.dueAt ?? '', b.dueAt ?? ''),
  priority: (a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority),
  title: (a, b) => ROOT.compare(a.title, b.title) || Buffer.compare(Buffer.from(a.title), Buffer.from(b.title)),
  position: (a, b) => compare(a.position, b.position),
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function inOrder(tasks: readonly Task[], sort: TaskSort): Task[] {
  const sign = sort.direction === 'asc' ? 1 : -1
  const undated = (task: Task): number => Number(task[sort.by] === null)
  return tasks.toSorted((a, b) => undated(a) - undated(b) || sign * by[sort.by](a, b) || sign * compare(a.id, b.id))
}

async function readPages({ client }: Caller, input: { sort?: TaskSort; limit: number }, each?: () => Promise<unknown>) {
  const pages: Task[][] = []
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await client.tasks.list.query({ ...input, filter: { trash: 'with' }, cursor })
    pages.push(items)
    if (nextCursor === null) return pages
    cursor = nextCursor
    await each?.()
  }
}

async function createSixty(): Promise<{ caller: Caller; tasks: Task[] }> {
  const caller = await newCaller(service)
  const list = await caller.client.lists.create.mutate({ name: 'Second' })
  // The fields have different periods, so that their values combine in many ways; several commits make times differ.
  for (let nr = 0; nr < 60; nr += 20)
    await caller.client.tasks.createMany.mutate({
      tasks: Array.from({ length: 20 }, (_, at) => ({
        title: TITLES[(nr + at) % TITLES.length] ?? '',
        due: DUES[((nr + at) * 4) % DUES.length] ?? null,
        priority: PRIORITIES[((nr + at) * 3) % PRIORITIES.length] ?? 'none',
        listId: at % 2 === 0 ? list.id : null,
        complete: at % 3 === 0,
      })),
    })
  const tasks = (await readPages(caller, { limit: 100 })).flat()
  for (const ids of [tasks.slice(0, 4), tasks.slice(4, 7), tasks.slice(30, 32)].map((some) => some.map(({ id }) => id)))
    await caller.client.tasks.bulk.mutate({ ids, action: { type: 'delete' } })
  await caller.client.tasks.complete.mutate({ id: tasks[40]?.id ?? '' })
  return { caller, tasks: (await readPages(caller, { limit: 100 })).flat() }
}

const population = await createSixty()

test('without a sort, the newest tasks come first', async () => {
  const { caller, tasks } = population
  expect(tasks).toEqual(inOrder(tasks, { by: 'createdAt', direction: 'desc' }))
  const { items } = await caller.client.tasks.list.query({ filter: { trash: 'with' } })
  expect(items).toEqual(tasks.slice(0, 50))
})

for (const field of SORTS)
  for (const direction of ['asc', 'desc'] as const)
    test(`by ${field} ${direction}: ties by id, null last, and pages hold each task exactly once`, async () => {
      const { caller, tasks } = population
      const sort = { by: field, direction }
      const expected = inOrder(tasks, sort)
      expect((await readPages(caller, { sort, limit: 100 })).flat()).toEqual(expected)
      const pages = await readPages(caller, { sort, limit: 7 })
      expect(pages.map((page) => page.length)).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 4])
      expect(pages.flat()).toEqual(expected)
    })

test('a page that ends with the last task has no nextCursor', async () => {
  const { caller } = population
  const pages = await readPages(caller, { limit: 20 })
  expect(pages.map((page) => page.length)).toEqual([20, 20, 20])
  expect((await readPages(caller, { limit: 1 })).flat()).toHaveLength(60)
})

test('tasks that do not change are listed once, while others are created, changed and purged between pages', async () => {
  const { caller, tasks } = await createSixty()
  const { client } = caller
  for (const field of SORTS) {
    const touched = new Set<string>()
    const sort = { by: field, direction: 'asc' } as const
    const pages = await readPages(caller, { sort, limit: 9 }, async () => {
      const victim = tasks.find(({ id, deletedAt }) => deletedAt === null && !touched.has(id))
      const { id } = await client.tasks.create.mutate({ title: TITLES[touched.size % 7] ?? '', after: null })
      touched.add(id)
      if (victim === undefined) return
      touched.add(victim.id)
      await client.tasks.update.mutate({ id: victim.id, changes: { title: 'm', due: null, priority: 'medium' } })
      await client.tasks.move.mutate({ id: victim.id, after: id, listId: null })
    })
    const stable = (task: Task): boolean => !touched.has(task.id)
    const { items: now } = { items: (await readPages(caller, { limit: 100 })).flat() }
    expect(pages.flat().filter(stable)).toEqual(inOrder(now.filter(stable), sort))
  }
})

test('the revision of a page is the head, also of an empty page', async () => {
  const { caller } = await createSixty()
  const { client } = caller
  const { revision } = await client.tasks.list.query({ limit: 1 })
  const task = await client.tasks.create.mutate({ title: 'x' })
  expect(task.revision).toBe(revision + 1)
  for (const filter of [{}, { search: 'nowhere' }, { trash: 'only' as const }])
    expect((await client.tasks.list.query({ filter, limit: 1 })).revision).toBe(task.revision)
})

test('a filter for tasks with a value, or without one, does not change the order', async () => {
  const { caller, tasks } = population
  const filters: Record<string, [TaskFilter, (task: Task) => boolean][]> = {
    due: [
      [{ due: 'none' }, ({ due }) => due === null],
      [{ due: { after: '2000-01-01' } }, ({ due }) => due !== null],
    ],
    completedAt: [
      [{ complete: true }, ({ complete }) => complete],
      [{ complete: false }, ({ complete }) => !complete],
    ],
    deletedAt: [
      [{ trash: 'only' }, ({ deletedAt }) => deletedAt !== null],
      [{ trash: 'without' }, ({ deletedAt }) => deletedAt === null],
    ],
  }
  for (const by of ['due', 'completedAt', 'deletedAt'] as const)
    for (const direction of ['asc', 'desc'] as const)
      for (const [filter, matches] of filters[by] ?? []) {
        const pages: Task[] = []
        for (let cursor: string | null = null; ;) {
          const input: TaskListInput = {
            filter: { trash: 'with', ...filter },
            sort: { by, direction },
            limit: 4,
            cursor,
          }
          const page = await caller.client.tasks.list.query(input)
          pages.push(...page.items)
          if (page.nextCursor === null) break
          cursor = page.nextCursor
        }
        expect([by, direction, filter, pages]).toEqual([
          by,
          direction,
          filter,
          inOrder(tasks.filter(matches), { by, direction }),
        ])
      }
})
