import { type Due, PRIORITIES, type Task, type TaskDraft, type TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../testing.ts'
import { type Caller, newCaller } from './testing/caller.ts'
import { holds } from './testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const WORDS = ['milk', 'Milkshake', 'bread', 'BREADCRUMBS', 'cat']
const TAGS = ['Home', 'work', 'errand']
const DUES: (Due | null)[] = [
  null,
  { date: '2020-01-01' },
  { date: '2020-01-02', time: '00:00', timeZone: 'UTC' },
  { date: '2020-01-02', time: '23:30', timeZone: 'America/New_York' },
  { date: '2020-01-02', time: '00:30', timeZone: 'Asia/Tokyo' },
  { date: '9990-01-01' },
  { date: '9990-01-02', time: '12:00', timeZone: 'Europe/Berlin' },
]
const BOUNDS = [
  '2020-01-01',
  '2020-01-02',
  '2020-01-02T00:00:00.000Z',
  '2020-01-03T01:30:00+09:00',
  '9990-01-02T11:00:00Z',
]

const text = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 }).map((words) => words.join(' '))
const drafts: fc.Arbitrary<TaskDraft> = fc.record({
  title: text,
  description: fc.option(text),
  complete: fc.boolean(),
  priority: fc.constantFrom(...PRIORITIES),
  tags: fc.subarray(TAGS),
  due: fc.constantFrom(...DUES),
})
const rarely = { freq: 2 }
const filterOf = (lists: readonly (string | null)[]): fc.Arbitrary<TaskFilter> =>
  fc
    .record({
      complete: fc.option(fc.boolean(), rarely),
      priority: fc.option(fc.subarray([...PRIORITIES], { minLength: 1 }), rarely),
      tags: fc.option(
        fc
          .tuple(fc.boolean(), fc.subarray(['HOME', 'work', 'Errand'], { minLength: 1 }))
          .map(([all, tags]) => (all ? { all: tags } : { any: tags })),
        rarely,
      ),
      listId: fc.option(
        fc.oneof(
          fc.constantFrom(...lists).map((id) => ({ is: id })),
          fc.subarray([...lists], { minLength: 1 }).map((ids) => ({ is: ids })),
        ),
        rarely,
      ),
      due: fc.option(
        fc.oneof(
          fc.constantFrom<'none' | 'overdue'>('none', 'overdue'),
          fc.constantFrom(...BOUNDS).map((before) => ({ before })),
          fc.constantFrom(...BOUNDS).map((after) => ({ after })),
          fc.record({ before: fc.constantFrom(...BOUNDS), after: fc.constantFrom(...BOUNDS) }),
        ),
        rarely,
      ),
      search: fc.option(fc.constantFrom('milk', 'bread CAT', 'shake', 'b m', 'CATS'), { freq: 1 }),
      trash: fc.option(fc.constantFrom<'without' | 'only' | 'with'>('without', 'only', 'with'), rarely),
    })
    .map(({ listId, ...others }) => {
      const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null))
      return { ...given, ...(listId === null ? {} : { listId: listId.is }) }
    })

/** The contract's words, one by one. */
function matches(
  task: Task,
  { complete, priority, tags, listId, due, search, trash = 'without' }: TaskFilter,
): boolean {
  const has = (tag: string): boolean => task.tags.some((own) => own.toLowerCase() === tag.toLowerCase())
  const within = (bound: string, side: (a: string, b: string) => boolean): boolean => {
    if (task.due === null) return false
    return bound.length === 10 ? side(task.due.date, bound) : side(task.dueAt ?? '', new Date(bound).toISOString())
  }
  const words = `${task.title} ${task.description ?? ''}`.toLowerCase().split(' ')
  if (trash !== 'with' && (trash === 'only') !== (task.deletedAt !== null)) return false
  if (complete !== undefined && task.complete !== complete) return false
  if (priority !== undefined && !priority.includes(task.priority)) return false
  if (tags !== undefined && !(tags.all ? tags.all.every(has) : tags.any.some(has))) return false
  if (listId !== undefined && !(Array.isArray(listId) ? listId : [listId]).includes(task.listId)) return false
  if (due === 'none' && task.due !== null) return false
  if (due === 'overdue' && !isOverdue(task)) return false
  if (typeof due === 'object') {
    if (due.before !== undefined && !within(due.before, (a, b) => a < b)) return false
    if (due.after !== undefined && !within(due.after, (a, b) => a > b)) return false
  }
  return (search ?? '').split(' ').every((part) => words.some((word) => word.startsWith(part.toLowerCase())))
}

// No due of this test is near to now.
function isOverdue(task: Task): boolean {
  return !task.complete && task.deletedAt === null && (task.due?.date ?? '9999') < '2026'
}

async function everything({ client }: Caller): Promise<Task[]> {
  const all: Task[] = []
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await client.tasks.list.query({ filter: { trash: 'with' }, limit: 100, cursor })
    all.push(...items)
    if (nextCursor === null) return all
    cursor = nextCursor
  }
}

test('whatever the filter, list, count and a dry run find the tasks that the contract says', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const home = await client.lists.create.mutate({ name: 'Home' })
  const work = await client.lists.create.mutate({ name: 'Work' })
  const lists = [null, home.id, work.id]
  const made = fc
    .sample(fc.tuple(drafts, fc.constantFrom(...lists)), { numRuns: 200, seed: Number(process.env['TASKWIRE_SEED']) })
    .map(([draft, listId]) => ({ ...draft, listId }))
  const { tasks } = await client.tasks.createMany.mutate({ tasks: made })
  await client.tasks.bulk.mutate({ ids: tasks.slice(0, 40).map(({ id }) => id), action: { type: 'delete' } })
  const all = await everything(caller)
  expect(all).toHaveLength(200)

  const property = fc.asyncProperty(filterOf(lists), async (filter) => {
    const expected = all.filter((task) => matches(task, filter))
    const found: Task[] = []
    for (let cursor: string | undefined; ;) {
      const { items, nextCursor } = await client.tasks.list.query({ filter, limit: 100, cursor })
      found.push(...items)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    // Made in one go, they are in the order of their ids; the newest first.
    expect(found).toEqual(expected.toSorted((a, b) => (a.id < b.id ? 1 : -1)))
    expect(await client.tasks.count.query({ filter })).toEqual({
      total: expected.length,
      open: expected.filter(({ complete }) => !complete).length,
      complete: expected.filter(({ complete }) => complete).length,
      overdue: expected.filter(isOverdue).length,
    })
    if (Object.keys(filter).some((key) => key !== 'trash')) {
      const action = { type: 'purge' as const }
      const dry = await client.tasks.bulk.mutate({ filter, action, dryRun: true, maxAffected: 500 })
      expect(dry.tasks).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    }
  })
  await holds(property, 60)
})

test('the account is no list, and a list of another user is an empty one', async () => {
  const caller = await newCaller(service)
  const stranger = await newCaller(service)
  await caller.client.tasks.create.mutate({ title: 'in the inbox' })
  const foreign = await stranger.client.lists.create.mutate({ name: 'Theirs' })
  await stranger.client.tasks.create.mutate({ title: 'theirs', listId: foreign.id })
  for (const id of [caller.user.id, foreign.id])
    for (const listId of [id, [id]]) {
      expect((await caller.client.tasks.list.query({ filter: { listId } })).items).toEqual([])
      expect((await caller.client.tasks.count.query({ filter: { listId } })).total).toBe(0)
    }
  expect((await caller.client.tasks.count.query({ filter: { listId: [foreign.id, null] } })).total).toBe(1)
})

test('nothing found is an empty page with the head, not an error', async () => {
  const { client } = await newCaller(service)
  expect(await client.tasks.list.query({})).toEqual({ items: [], nextCursor: null, revision: 0 })
  expect(await client.tasks.count.query({})).toEqual({ total: 0, open: 0, complete: 0, overdue: 0 })
  await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }] })
  const none = await client.tasks.list.query({ filter: { complete: true } })
  expect(none).toEqual({ items: [], nextCursor: null, revision: 2 })
})
