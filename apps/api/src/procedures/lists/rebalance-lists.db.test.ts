import { randomUUID } from 'node:crypto'
import { LIMITS } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** Creates three lists, with no position left between the first two. */
async function createCrowdedLists() {
  const caller = await newCaller(service)
  const lists = []
  for (const name of ['a', 'b', 'c']) lists.push(await caller.client.lists.create.mutate({ name }))
  const [a, b, c] = lists
  if (a === undefined || b === undefined || c === undefined) throw new Error('Three were created')
  const close = `80000000${'0'.repeat(55)}1`
  await service.admin('update tw.lists set position = $1 where space_id = $2 and id = $3', [
    close,
    caller.user.id,
    b.id,
  ])
  await service.admin('update tw.lists set position = $1 where space_id = $2 and id = $3', [
    '80000000',
    caller.user.id,
    a.id,
  ])
  return { caller, a, b, c }
}

test('where no position is left, all lists are rebalanced in their order, with Changes', async () => {
  const { caller, a } = await createCrowdedLists()
  const { revision } = await caller.client.lists.list.query({})
  const mutationId = randomUUID()
  const created = await caller.client.lists.create.mutate({ name: 'new', after: a.id, mutationId })
  const { items } = await caller.client.lists.list.query({})
  expect(items.map(({ name }) => name)).toEqual(['a', 'new', 'b', 'c'])
  expect(items.every(({ position }) => position.length <= 64)).toBe(true)
  const changes = await changesAfter(caller, revision)
  expect(changes.map(({ action, actor }) => `${action} by ${actor.kind}`)).toEqual([
    'move by system',
    'move by system',
    'move by system',
    'create by user',
  ])
  expect(created.revision).toBe(revision + 4)
  // The rebalance is a commit of its own, so that reverting the creation does not revert it.
  const [first, last] = [revision + 3, revision + 4]
  expect(changes.map(({ commit }) => commit)).toEqual([first, first, first, last])
  expect(changes.map((change) => change.mutationId)).toEqual([null, null, null, mutationId])
})

test('a rebalance of more lists than a mutation may change is refused', async () => {
  const { caller, a, c } = await createCrowdedLists()
  await service.admin(
    `insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
     select $1, gen_random_uuid(), 'list ' || n, 'list ' || n, tw.position_text(2147483748 + n), 1, now(), now()
     from generate_series(1, $2::int) n`,
    [caller.user.id, LIMITS.tasksPerMutation - 3],
  )
  const head = await headOf(caller)
  // With the new list, there would be one row too many.
  expect(await refused(caller.client.lists.create.mutate({ name: 'new', after: a.id }))).toMatchObject({
    appCode: 'LIMIT_EXCEEDED',
  })
  expect(
    await refused(caller.client.lists.update.mutate({ id: c.id, changes: { after: a.id, name: 'C' } })),
  ).toMatchObject({ appCode: 'LIMIT_EXCEEDED' })
  expect(await headOf(caller)).toBe(head)
  await service.admin(`delete from tw.lists where space_id = $1 and name = 'list 1'`, [caller.user.id])
  const { revision } = await caller.client.lists.create.mutate({ name: 'new', after: a.id })
  expect(revision).toBe(head + LIMITS.tasksPerMutation)
})

test('expectedRevision is checked before a rebalance changes the list', async () => {
  const { caller, a, c } = await createCrowdedLists()
  const moved = await caller.client.lists.update.mutate({
    id: c.id,
    changes: { after: a.id },
    expectedRevision: c.revision,
  })
  expect((await caller.client.lists.list.query({})).items.map(({ name }) => name)).toEqual(['a', 'c', 'b'])
  const late = { id: c.id, changes: { after: a.id }, expectedRevision: c.revision }
  expect(await refused(caller.client.lists.update.mutate(late))).toMatchObject({
    appCode: 'REVISION_CONFLICT',
    current: moved,
  })
})

test('lists can be moved to the same position any number of times', async () => {
  const caller = await newCaller(service)
  const first = await caller.client.lists.create.mutate({ name: 'first' })
  await caller.client.lists.create.mutate({ name: 'last' })
  const [one, two] = [
    await caller.client.lists.create.mutate({ name: 'one' }),
    await caller.client.lists.create.mutate({ name: 'two' }),
  ]
  for (let n = 0; n < 150; n++) {
    await caller.client.lists.update.mutate({ id: one.id, changes: { after: first.id } })
    await caller.client.lists.update.mutate({ id: two.id, changes: { after: first.id } })
  }
  const { items } = await caller.client.lists.list.query({})
  expect(items.map(({ name }) => name)).toEqual(['first', 'two', 'one', 'last'])
  expect(items.every(({ position }) => position.length <= 64)).toBe(true)
})

test('a rebalance is not revertible', async () => {
  const { caller, a } = await createCrowdedLists()
  const { client } = caller
  const { revision } = await client.lists.create.mutate({ name: 'new', after: a.id })
  expect(await refused(client.changes.revert.mutate({ revision: revision - 1 }))).toMatchObject({
    appCode: 'NOT_REVERTIBLE',
  })
})
