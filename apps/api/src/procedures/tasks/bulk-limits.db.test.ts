import { randomUUID } from 'node:crypto'
import { type BulkAction, LIMITS, type TaskFilter } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** Inserts numbered tasks without Changes. */
async function callerWithTasks(count: number): Promise<Caller> {
  const caller = await newCaller(service)
  await service.admin(
    `insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at)
    select $1, gen_random_uuid(), 'task ' || n, lpad(to_hex(n), 8, '0'), n, now() - interval '1 h' + n * interval '1 ms', now()
    from generate_series(1, $2::int) n`,
    [caller.user.id, count],
  )
  await service.admin('update tw.spaces set revision = $2::int where id = $1', [caller.user.id, count])
  return caller
}

const update: BulkAction = { type: 'update', changes: { priority: 'high' } }
const open: TaskFilter = { complete: false }

test('a bulk call changes 2,000 tasks in order, and returns the first 500', async () => {
  const caller = await callerWithTasks(2000)
  const { client } = caller
  const done = await client.tasks.bulk.mutate({ filter: open, action: update, maxAffected: 2000 })
  expect(done).toMatchObject({ affected: 2000, revision: 4000 })
  expect(done.tasks.map(({ title }) => title)).toEqual(Array.from({ length: 500 }, (_, at) => `task ${at + 1}`))
  expect(done.tasks.map(({ revision }) => revision)).toEqual(Array.from({ length: 500 }, (_, at) => at + 2001))
  const changes = await changesAfter(caller, 2000)
  expect(changes.map(({ revision, commit, after }) => [revision, commit, after])).toEqual(
    Array.from({ length: 2000 }, (_, at) => [at + 2001, 4000, { priority: 'high' }]),
  )
  const purge = { filter: open, action: { type: 'purge' as const }, maxAffected: 2000 }
  expect(await client.tasks.bulk.mutate({ ...purge, dryRun: true })).toEqual({
    affected: 2000,
    tasks: done.tasks,
    revision: 4000,
  })
  expect(await client.tasks.bulk.mutate(purge)).toEqual({ affected: 2000, tasks: [], revision: 6000 })
  const [redacted] = await changesAfter(caller, 2000)
  expect(redacted).toMatchObject({ revision: 2001, redacted: true, before: {}, after: {} })
})

test('maxAffected limits the tasks that would change; with one more, nothing changes', async () => {
  const caller = await callerWithTasks(20)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'Home' })
  const actions: BulkAction[] = [update, { type: 'move', listId: list.id }, { type: 'delete' }, { type: 'purge' }]
  const { items } = await client.tasks.list.query({})
  const ids = items.map(({ id }) => id)
  for (const action of actions)
    for (const dryRun of [true, false])
      for (const chosen of [{ filter: open }, { ids }])
        expect(await refused(client.tasks.bulk.mutate({ ...chosen, action, maxAffected: 19, dryRun }))).toMatchObject({
          appCode: 'LIMIT_EXCEEDED',
          httpStatus: 422,
        })
  expect(await headOf(caller)).toBe(21)
  // Two of the tasks have the new value already.
  for (const id of ids.slice(0, 2)) await client.tasks.update.mutate({ id, changes: { priority: 'high' } })
  expect((await client.tasks.bulk.mutate({ filter: open, action: update, maxAffected: 18 })).affected).toBe(18)
})

test('one call changes at most 10,000 tasks', async () => {
  const caller = await callerWithTasks(10_001)
  for (const action of [update, { type: 'purge' } as const])
    for (const dryRun of [true, false]) {
      const call = { filter: open, action, maxAffected: LIMITS.tasksPerMutation, dryRun }
      expect(await refused(caller.client.tasks.bulk.mutate(call))).toMatchObject({ appCode: 'LIMIT_EXCEEDED' })
    }
  expect(await headOf(caller)).toBe(10_001)
})

test('a bulk call takes at most 500 different ids, or else a filter with maxAffected', async () => {
  const caller = await callerWithTasks(1)
  const { client } = caller
  const ids = Array.from({ length: 501 }, () => randomUUID())
  const action = { type: 'delete' } as const
  const id = ids[0] ?? ''
  const bad: [Parameters<typeof client.tasks.bulk.mutate>[0], string][] = [
    [{ ids, action }, 'ids'],
    [{ ids: [], action }, 'ids'],
    [{ ids: [id, id.toUpperCase()], action }, 'ids'],
    [{ action }, ''],
    [{ ids: [id], filter: open, maxAffected: 1, action }, ''],
    [{ filter: open, action }, 'maxAffected'],
    [{ filter: open, maxAffected: 0, action }, 'maxAffected'],
    [{ filter: open, maxAffected: 10_001, action }, 'maxAffected'],
    [{ ids: [id], action: { type: 'update', changes: {} } }, 'action.changes'],
  ]
  for (const [input, path] of bad) {
    const { fields } = await refused(client.tasks.bulk.mutate(input))
    expect(fields?.map((field) => field.path)).toEqual([path])
  }
  expect(await headOf(caller)).toBe(1)
})

test('an empty filter is refused, and the trash alone is enough only for restore and purge', async () => {
  const caller = await callerWithTasks(1)
  const filters: TaskFilter[] = [{}, { trash: 'with' }, { trash: 'without' }, { search: ' ', trash: 'with' }]
  const cases = [
    ...filters.map((filter) => [filter, { type: 'purge' }] as const),
    [{ trash: 'only' }, { type: 'update', changes: { title: 'x' } }] as const,
    [{ trash: 'only' }, { type: 'delete' }] as const,
  ]
  for (const [filter, action] of cases)
    for (const dryRun of [true, false]) {
      const call = caller.client.tasks.bulk.mutate({ filter, action, maxAffected: 10, dryRun })
      expect((await refused(call)).fields?.map(({ path }) => path)).toEqual(['filter'])
    }
  expect(await headOf(caller)).toBe(1)
})
