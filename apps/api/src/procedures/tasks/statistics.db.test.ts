import { randomUUID } from 'node:crypto'
import type { TaskFilter } from '@taskwire/contract'
import { createTestDatabase } from '@taskwire/db/testing'
import { expect, test } from 'vitest'
import { rowsRead } from '../../testing/rows-read.ts'
import { startTestService, type TestService } from '../../testing/service.ts'
import { type Caller, callerOf, newCaller, refused } from '../../testing/caller.ts'

const TASKS = 1000
const FILTER: TaskFilter = { priority: ['none'] }

/** Inserts a thousand tasks, after the positions of `after` others. */
async function insertTasks(service: TestService, { user }: Caller, list: string | null, after = 0): Promise<void> {
  await service.admin(
    `insert into tw.tasks (space_id, id, list_id, title, position, revision, created_at, updated_at)
     select $1, gen_random_uuid(), $2, 'task ' || n, tw.position_text(2147483648 + $4::int + n), 1, now(), now()
     from generate_series(1, $3::int) n`,
    [user.id, list, TASKS, after],
  )
}

// Outdated statistics must not lead to a plan that reads all tasks of a user again for each task.
test.each([
  ['no statistics', async () => {}],
  ['statistics of an empty table', async (service: TestService) => void (await service.admin('analyze'))],
  [
    'statistics of one other user, who has all rows',
    async (service: TestService) => {
      await insertTasks(service, await newCaller(service), null)
      await service.admin('analyze')
    },
  ],
  [
    'statistics of many users with a task each',
    async (service: TestService) => {
      for (let n = 0; n < 20; n++) await (await newCaller(service)).client.tasks.create.mutate({ title: 'one' })
      await service.admin('analyze')
    },
  ],
])('with %s, a call reads a few rows for each task', async (_, prepare) => {
  await using database = await createTestDatabase()
  await using observer = await startTestService({ database })
  await prepare(observer)
  const caller = await newCaller(observer)
  const { id } = await caller.client.lists.create.mutate({ name: 'Big' })
  await insertTasks(observer, caller, id)

  /** Returns the rows read for each task. Connections report what they read when they end, so each call has a service of its own. */
  const rowsPerTask = async (
    call: (client: Caller['client']) => Promise<unknown>,
    counted = TASKS,
  ): Promise<number> => {
    const before = await rowsRead(observer)
    {
      await using service = await startTestService({ database })
      await call(callerOf(service, caller.user).client)
    }
    return Math.round(((await rowsRead(observer)) - before) / counted)
  }
  const revert = async (client: Caller['client']): Promise<void> => {
    const { revision } = await client.tasks.list.query({ limit: 1 })
    const { affected } = await client.changes.revert.mutate({ revision })
    expect(affected).toBeGreaterThanOrEqual(TASKS)
  }
  const bulk = (type: 'delete' | 'restore' | 'purge', trash: 'without' | 'only') => async (client: Caller['client']) =>
    expect(
      await client.tasks.bulk.mutate({ filter: { ...FILTER, trash }, maxAffected: TASKS, action: { type } }),
    ).toMatchObject({ affected: TASKS })
  const costs = {
    // PostgreSQL by default plans a statement for its parameters five times. This runs each more often.
    'one at a time': await rowsPerTask(async ({ tasks, changes }) => {
      for (let nr = 0; nr < 20; nr++) {
        const { id: created } = await tasks.create.mutate({ title: 'one', priority: 'low' })
        const { revision } = await tasks.update.mutate({ id: created, changes: { title: 'another' } })
        await changes.revert.mutate({ revision })
        await tasks.get.query({ id: created })
        await tasks.purge.mutate({ id: created })
      }
    }, 5 * 20),
    create: await rowsPerTask(async (client) => {
      const tasks = Array.from({ length: 500 }, () => ({ id: randomUUID(), title: 'new', priority: 'low' }) as const)
      await client.tasks.createMany.mutate({ tasks })
    }),
    update: await rowsPerTask(async (client) => {
      const action = { type: 'update', changes: { complete: true } } as const
      expect(await client.tasks.bulk.mutate({ filter: FILTER, maxAffected: TASKS, action })).toMatchObject({
        affected: TASKS,
      })
    }),
    'revert of the update': await rowsPerTask(revert),
    'deletion of the list': await rowsPerTask((client) => client.lists.delete.mutate({ id, tasks: 'inbox' })),
    'revert of the deletion': await rowsPerTask(revert),
    delete: await rowsPerTask(bulk('delete', 'without')),
    'revert of delete': await rowsPerTask(revert),
    'delete again': await rowsPerTask(bulk('delete', 'without')),
    restore: await rowsPerTask(bulk('restore', 'only')),
    purge: await rowsPerTask(bulk('purge', 'without')),
  }
  expect(Object.entries(costs).filter(([, rows]) => rows > 100)).toEqual([])
})

/** Adds Changes of other tasks to the log of a caller, with revisions after `revision`. */
async function addChanges(
  service: TestService,
  { user }: Caller,
  actor: 'user' | 'system',
  revision = 0,
): Promise<void> {
  await service.admin(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, before, after)
     select $1, $4::int + n, $4::int + n, now(), $2, 'move', 'task', gen_random_uuid(), '{"position": "80000000"}', '{"position": "80000001"}'
     from generate_series(1, $3::int) n`,
    [user.id, actor, TASKS, revision],
  )
}

test.each([
  [
    'an unknown revision',
    async (service: TestService, caller: Caller) => {
      await addChanges(service, caller, 'user')
      return TASKS + 1
    },
    'NOT_FOUND',
  ],
  [
    'a change of a title, however much has been rebalanced since',
    async (service: TestService, caller: Caller) => {
      const { id } = await caller.client.tasks.create.mutate({ title: 'one' })
      const { revision } = await caller.client.tasks.update.mutate({ id, changes: { title: 'another' } })
      await addChanges(service, caller, 'system', revision)
      await service.admin('update tw.spaces set revision = $2 where id = $1', [caller.user.id, revision + TASKS])
      return revision
    },
    undefined,
  ],
  [
    'the creation of a list that has many tasks',
    async (service: TestService, caller: Caller) => {
      const { id, revision } = await caller.client.lists.create.mutate({ name: 'Big' })
      await insertTasks(service, caller, id)
      return revision
    },
    'NOT_REVERTIBLE',
  ],
])('reverting %s reads a few rows', async (_, prepare, appCode) => {
  await using database = await createTestDatabase()
  await using observer = await startTestService({ database })
  const caller = await newCaller(observer)
  let revision = 0
  {
    // This service's connections report what they have read when they end, so they end before the count begins.
    await using service = await startTestService({ database })
    revision = await prepare(observer, callerOf(service, caller.user))
  }
  const before = await rowsRead(observer)
  {
    await using service = await startTestService({ database })
    const undone = callerOf(service, caller.user).client.changes.revert.mutate({ revision })
    if (appCode === undefined) expect(await undone).toMatchObject({ affected: 1 })
    else expect(await refused(undone)).toMatchObject({ appCode })
  }
  expect((await rowsRead(observer)) - before).toBeLessThan(100)
})

// A connection keeps its plans. On empty tables, a sequential scan would be the cheapest.
test('a statement planned on empty tables reads a few rows of full tables', async () => {
  await using database = await createTestDatabase()
  await using observer = await startTestService({ database })
  await observer.admin('vacuum analyze')
  let before = 0
  {
    await using service = await startTestService({ database, env: { DATABASE_POOL_MAX: '5' } })
    const caller = await newCaller(service)
    const call = async (): Promise<void> => {
      const { id } = await caller.client.tasks.create.mutate({ title: 'one' })
      await caller.client.tasks.update.mutate({ id, changes: { title: 'another' } })
      await caller.client.tasks.get.query({ id })
      await caller.client.tasks.list.query({ limit: 1 })
    }
    for (let nr = 0; nr < 10; nr++) await call()
    for (let nr = 0; nr < 5; nr++) await insertTasks(observer, await newCaller(service), null)
    await observer.admin(
      `insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, revision, at)
       select id, gen_random_uuid(), owner_id, sha256('x'), 1, now() from tw.spaces cross join generate_series(1, 1000)`,
    )
    before = await rowsRead(observer)
    for (let nr = 0; nr < 10; nr++) await call()
  }
  expect(((await rowsRead(observer)) - before) / 40).toBeLessThan(30)
})

// A plan that compared all rows of the space with all ids would take a minute.
test('a connection that has planned for three tasks changes thousands of the same user before the deadline', async () => {
  await using service = await startTestService()
  const caller = await newCaller(service)
  const { client } = caller
  await client.tasks.createMany.mutate({ tasks: ['a', 'b', 'c'].map((title) => ({ title })) })
  await service.admin('analyze')
  const update = async (complete: boolean, maxAffected: number): Promise<number> => {
    const action = { type: 'update', changes: { complete } } as const
    return (await client.tasks.bulk.mutate({ filter: FILTER, maxAffected, action })).affected
  }
  // Plans the statement on each open connection.
  for (let nr = 0; nr < 10; nr++) expect(await update(nr % 2 === 0, 3)).toBe(3)
  for (let nr = 0; nr < 5; nr++) await insertTasks(service, caller, null, 3 + nr * TASKS)
  expect(await update(true, 5 * TASKS + 3)).toBe(5 * TASKS + 3)
  const purge = { filter: FILTER, maxAffected: 5 * TASKS + 3, action: { type: 'purge' } } as const
  expect(await client.tasks.bulk.mutate(purge)).toMatchObject({ affected: 5 * TASKS + 3 })
})
