import { type Due, PRIORITIES, type Task, type TaskDraft, type TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, newCaller } from '../../testing/caller.ts'
import { checkProperty } from '../../testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const WORDS = ['milk', 'Milkshake', 'bread', 'BREADCRUMBS', 'cat']
const TAGS = ['Home', 'work', 'errand']
const DUES: (Due | null)[] = [
  null,
  { date: '2020-01-01' },
  { date: '2020-01-02' },
  { date: '2020-01-02', time: '00:00', timeZone: 'UTC' },
  { date: '2020-01-02', time: '23:30', timeZone: 'America/New_York' },
  { date: '2020-01-02', time: '00:30', timeZone: 'Asia/Tokyo' },
  // These two are one instant, which is on different days in the two zones.
  { date: '2020-01-03', time: '08:00', timeZone: 'Pacific/Kiritimati' },
  { date: '2020-01-02', time: '07:00', timeZone: 'Pacific/Pago_Pago' },
  // A day that the zone skipped: its instant is on the day after.
  { date: '2011-12-30', time: '12:00', timeZone: 'Pacific/Apia' },
  { date: '9990-01-01' },
  { date: '9990-01-02', time: '12:00', timeZone: 'Europe/Berlin' },
]
const DAYS = ['2011-12-29', '2011-12-30', '2011-12-31', '2020-01-01', '2020-01-02', '2020-01-03', '9990-01-02']
const BOUNDS = [
  ...DAYS,
  '2020-01-02T00:00:00.000Z',
  '2020-01-03T01:30:00+09:00',
  '2020-01-02T18:00:00.000Z',
  '2011-12-30T22:00:00Z',
  '9990-01-02T11:00:00Z',
]
// The first and the last day of the calendar, and their first and last instants.
const ENDS = ['0001-01-01', '9999-12-31', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z']
const ZONES = [undefined, 'America/Los_Angeles', 'Asia/Tokyo', 'Pacific/Kiritimati', 'Etc/GMT+12', 'America/St_Johns']

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
          fc.constantFrom(...DAYS).map((on) => ({ on })),
          fc.constantFrom(...BOUNDS, ...ENDS).map((before) => ({ before })),
          fc.constantFrom(...BOUNDS, ...ENDS).map((after) => ({ after })),
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

/** Whether a task matches a filter, according to the contract. */
function matches(
  task: Task,
  { complete, priority, tags, listId, due, search, trash = 'without' }: TaskFilter,
  zone: string,
): boolean {
  const has = (tag: string): boolean => task.tags.some((own) => own.toLowerCase() === tag.toLowerCase())
  const words = `${task.title} ${task.description ?? ''}`.toLowerCase().split(' ')
  if (trash !== 'with' && (trash === 'only') !== (task.deletedAt !== null)) return false
  if (complete !== undefined && task.complete !== complete) return false
  if (priority !== undefined && !priority.includes(task.priority)) return false
  if (tags !== undefined && !(tags.all ? tags.all.every(has) : tags.any.some(has))) return false
  if (listId !== undefined && !(Array.isArray(listId) ? listId : [listId]).includes(task.listId)) return false
  if (due === 'none' && task.due !== null) return false
  if (due === 'overdue' && !isOverdue(task)) return false
  if (typeof due === 'object') {
    if (due.on !== undefined && compareToBound(task, due.on, zone) !== 0) return false
    if (due.before !== undefined && !(compareToBound(task, due.before, zone) < 0)) return false
    if (due.after !== undefined && !(compareToBound(task, due.after, zone) > 0)) return false
  }
  return (search ?? '').split(' ').every((part) => words.some((word) => word.startsWith(part.toLowerCase())))
}

const dateOf = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString()
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Compares a due with a bound: below 0 if it is before; NaN without a due. */
function compareToBound({ due, dueAt }: Task, bound: string, zone: string): number {
  if (due === null) return Number.NaN
  if (bound.length === 10) return order(dueAt === null ? due.date : dateOf(dueAt, zone), bound)
  return dueAt === null ? order(due.date, dateOf(bound, zone)) : order(dueAt, new Date(bound).toISOString())
}

// No due of this test is close to now.
function isOverdue(task: Task): boolean {
  return !task.complete && task.deletedAt === null && (task.due?.date ?? '9999') < '2026'
}

async function readEverything({ client }: Caller): Promise<Task[]> {
  const all: Task[] = []
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await client.tasks.list.query({ filter: { trash: 'with' }, limit: 100, cursor })
    all.push(...items)
    if (nextCursor === null) return all
    cursor = nextCursor
  }
}

test('for any filter, list, count and a dry run find the tasks that the contract says', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const home = await client.lists.create.mutate({ name: 'Home' })
  const work = await client.lists.create.mutate({ name: 'Work' })
  const lists = [null, home.id, work.id]
  const sample = fc
    .sample(fc.tuple(drafts, fc.constantFrom(...lists)), { numRuns: 200, seed: Number(process.env['TASKWIRE_SEED']) })
    .map(([draft, listId]) => ({ ...draft, listId }))
  const { tasks } = await client.tasks.createMany.mutate({ tasks: sample })
  await client.tasks.bulk.mutate({ ids: tasks.slice(0, 40).map(({ id }) => id), action: { type: 'delete' } })
  const all = await readEverything(caller)
  expect(all).toHaveLength(200)

  const property = fc.asyncProperty(filterOf(lists), fc.constantFrom(...ZONES), async (filter, timeZone) => {
    const expected = all.filter((task) => matches(task, filter, timeZone ?? 'UTC'))
    const found: Task[] = []
    for (let cursor: string | undefined; ;) {
      const { items, nextCursor } = await client.tasks.list.query({ filter, timeZone, limit: 100, cursor })
      found.push(...items)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    // All were created in one call, so they are ordered by id, descending.
    expect(found).toEqual(expected.toSorted((a, b) => (a.id < b.id ? 1 : -1)))
    expect(await client.tasks.count.query({ filter, timeZone })).toEqual({
      total: expected.length,
      open: expected.filter(({ complete }) => !complete).length,
      complete: expected.filter(({ complete }) => complete).length,
      overdue: expected.filter(isOverdue).length,
    })
    if (Object.keys(filter).some((key) => key !== 'trash')) {
      const action = { type: 'purge' as const }
      const dry = await client.tasks.bulk.mutate({ filter, timeZone, action, dryRun: true, maxAffected: 500 })
      expect(dry.tasks).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    }
  })
  await checkProperty(property, 150)
})

test('the id of the account and another user’s list match no task', async () => {
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

test('a filter without matches returns an empty page with the head', async () => {
  const { client } = await newCaller(service)
  expect(await client.tasks.list.query({})).toEqual({ items: [], nextCursor: null, revision: 0 })
  expect(await client.tasks.count.query({})).toEqual({ total: 0, open: 0, complete: 0, overdue: 0 })
  await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }] })
  const none = await client.tasks.list.query({ filter: { complete: true } })
  expect(none).toEqual({ items: [], nextCursor: null, revision: 2 })
})
