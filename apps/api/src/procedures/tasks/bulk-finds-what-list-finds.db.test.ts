import type { TaskFilter } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { content, filter, maybe, zone } from '../../testing/model/draws.ts'
import { startTestService } from '../../testing/service.ts'
import { type Caller, newCaller } from '../../testing/caller.ts'
import { checkProperty } from '../../testing/property.ts'
import { listAll } from './testing/all-pages.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const TASKS = 200

/** Creates tasks of all kinds in several calls, in the inbox and in two lists, some of them in the trash. */
async function createTasks({ client }: Caller): Promise<(string | null)[]> {
  const created = [await client.lists.create.mutate({ name: 'One' }), await client.lists.create.mutate({ name: 'Two' })]
  const lists = [null, ...created.map(({ id }) => id)]
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

/** Whether a purge accepts the filter: it needs `trash: 'only'` or a field. */
const isSelective = ({ trash, search, ...fields }: TaskFilter): boolean =>
  trash === 'only' || (search ?? '').trim() !== '' || Object.keys(fields).length > 0

test('tasks.bulk finds the same tasks as tasks.list for any filter, in the same order', async () => {
  const caller = await newCaller(service)
  const lists = await createTasks(caller)
  const drawn = fc.tuple(filter, listOf(lists)).map(([fields, list]): TaskFilter => ({ ...fields, ...list }))
  let found = 0
  const property = fc.asyncProperty(drawn.filter(isSelective), maybe(zone), async (given, timeZone) => {
    const input = { filter: given, timeZone }
    const listed = { ...input, sort: { by: 'createdAt', direction: 'asc' } } as const
    const before = await listAll(caller, listed)
    const bulk = await caller.client.tasks.bulk.mutate({
      ...input,
      action: { type: 'purge' },
      dryRun: true,
      maxAffected: TASKS,
    })
    // Which tasks are overdue, or due today, may change in between.
    expect([before, await listAll(caller, listed)]).toContainEqual(bulk.tasks)
    found += bulk.affected
  })
  await checkProperty(property, 200)
  expect(found).toBeGreaterThan(TASKS)
})
