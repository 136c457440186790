import type { Task, TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { content, filter, maybe, zone } from '../../testing/model/draws.ts'
import { startTestService } from '../../testing/service.ts'
import { type Caller, newCaller } from '../../testing/caller.ts'
import { holds } from '../../testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const TASKS = 200

/** Tasks of all kinds, made in several calls, of which some are in the trash; in the inbox and in two lists. */
async function populate({ client }: Caller): Promise<(string | null)[]> {
  const made = [await client.lists.create.mutate({ name: 'One' }), await client.lists.create.mutate({ name: 'Two' })]
  const lists = [null, ...made.map(({ id }) => id)]
  const drafts = fc.sample(fc.record({ ...content, listId: fc.constantFrom(...lists) }), {
    numRuns: TASKS,
    seed: Number(process.env['TASKWIRE_SEED']),
  })
  const ids: string[] = []
  for (let from = 0; from < TASKS; from += 50) {
    const { tasks } = await client.tasks.createMany.mutate({ tasks: drafts.slice(from, from + 50) })
    ids.push(...tasks.map(({ id }) => id))
  }
  await client.tasks.bulk.mutate({ ids: ids.filter((_, at) => at % 4 === 0), action: { type: 'delete' } })
  return lists
}

const listOf = (lists: readonly (string | null)[]): fc.Arbitrary<TaskFilter> =>
  fc.oneof(
    fc.constant({}),
    fc.constantFrom(...lists).map((listId) => ({ listId })),
    fc.subarray([...lists], { minLength: 1 }).map((listId) => ({ listId })),
  )

/** Whether a purge takes it: of the trash alone, or by a field. */
const names = ({ trash, search, ...fields }: TaskFilter): boolean =>
  trash === 'only' || (search ?? '').trim() !== '' || Object.keys(fields).length > 0

async function walk({ client }: Caller, input: { filter: TaskFilter; timeZone: string | undefined }): Promise<Task[]> {
  const all: Task[] = []
  for (let cursor: string | undefined; ;) {
    const page = await client.tasks.list.query({
      ...input,
      sort: { by: 'createdAt', direction: 'asc' },
      limit: 100,
      cursor,
    })
    all.push(...page.items)
    if (page.nextCursor === null) return all
    cursor = page.nextCursor
  }
}

test('whatever the filter, tasks.bulk finds what tasks.list finds, in its order', async () => {
  const caller = await newCaller(service)
  const lists = await populate(caller)
  const drawn = fc.tuple(filter, listOf(lists)).map(([fields, list]): TaskFilter => ({ ...fields, ...list }))
  let found = 0
  const property = fc.asyncProperty(drawn.filter(names), maybe(zone), async (given, timeZone) => {
    const input = { filter: given, timeZone }
    const before = await walk(caller, input)
    const bulk = await caller.client.tasks.bulk.mutate({
      ...input,
      action: { type: 'purge' },
      dryRun: true,
      maxAffected: TASKS,
    })
    // What is overdue, or of today, may change meanwhile.
    expect([before, await walk(caller, input)]).toContainEqual(bulk.tasks)
    found += bulk.affected
  })
  await holds(property, 200)
  expect(found).toBeGreaterThan(TASKS)
})
