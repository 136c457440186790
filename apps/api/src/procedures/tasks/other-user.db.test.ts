import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller, type Wire } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

interface Ids {
  live: string
  trashed: string
  list: string
}

async function callerWithRows(): Promise<{ caller: Caller; ids: Ids }> {
  const caller = await newCaller(service)
  const { client } = caller
  const list = await client.lists.create.mutate({ name: 'Home' })
  const live = await client.tasks.create.mutate({ title: 'live', listId: list.id, tags: ['a'] })
  const { id } = await client.tasks.create.mutate({ title: 'trashed', listId: list.id })
  const trashed = await client.tasks.delete.mutate({ id })
  return { caller, ids: { live: live.id, trashed: trashed.id, list: list.id } }
}

/** Returns calls with these ids in every field of every procedure that takes an id; `own` are ids of the caller. */
function calls(own: Ids, { live, trashed, list }: Ids): [string, object][] {
  const changes = { title: 'x' }
  const onTask = [live, trashed].flatMap((id): [string, object][] => [
    ['tasks.get', { id }],
    ['tasks.update', { id, changes }],
    ['tasks.update', { id, changes, expectedRevision: 2 }],
    ['tasks.complete', { id }],
    ['tasks.move', { id }],
    ['tasks.move', { id, listId: own.list, after: own.live }],
    ['tasks.move', { id: own.live, after: id }],
    ['tasks.delete', { id }],
    ['tasks.restore', { id }],
    ['tasks.purge', { id }],
    ['tasks.purge', { id, expectedRevision: 2 }],
    ['tasks.create', { title: 'x', after: id }],
    ['tasks.create', { title: 'x', listId: own.list, after: id }],
    ['tasks.createMany', { tasks: [{ title: 'x' }, { title: 'y', after: id }] }],
    ...[
      { type: 'update', changes },
      { type: 'move', listId: own.list },
      { type: 'delete' },
      { type: 'restore' },
      { type: 'purge' },
    ].flatMap((action): [string, object][] => [
      ['tasks.bulk', { ids: [own.live, id], action }],
      ['tasks.bulk', { ids: [id], action, dryRun: true }],
    ]),
  ])
  const filters = [{ listId: list }, { listId: [list] }]
  return [
    ...onTask,
    ['tasks.create', { title: 'x', listId: list }],
    ['tasks.create', { title: 'x', listId: list, after: null }],
    ['tasks.create', { title: 'x', listId: list, after: live }],
    ['tasks.createMany', { tasks: [{ title: 'x' }, { title: 'y', listId: list }] }],
    ['tasks.move', { id: own.live, listId: list }],
    ['tasks.move', { id: own.live, listId: list, after: null }],
    ['tasks.move', { id: own.live, listId: list, after: live }],
    ['tasks.bulk', { ids: [own.live], action: { type: 'move', listId: list } }],
    ['tasks.bulk', { ids: [own.live], action: { type: 'move', listId: list }, dryRun: true }],
    ...filters.flatMap((filter): [string, object][] => [
      ['tasks.list', { filter: { ...filter, trash: 'with' } }],
      ['tasks.count', { filter }],
      ['tasks.bulk', { filter, action: { type: 'purge' }, maxAffected: 10 }],
      ['tasks.bulk', { filter, action: { type: 'move', listId: null }, maxAffected: 10, dryRun: true }],
    ]),
  ]
}

test("another user's ids have the same replies as unknown ids, and nothing changes", async () => {
  const { caller, ids: own } = await callerWithRows()
  const { caller: victim, ids: foreign } = await callerWithRows()
  const nowhere: Ids = { live: randomUUID(), trashed: randomUUID(), list: randomUUID() }
  const [head, victimHead] = [await headOf(caller), await headOf(victim)]
  const answer = async ([path, input]: [string, object]): Promise<Wire> =>
    await caller.call(path, input, { 'x-request-id': 'the-same' })

  const others = calls(own, foreign)
  for (const [at, missing] of calls(own, nowhere).entries()) {
    const expected = await answer(missing)
    const given = await answer(others[at] ?? missing)
    expect({ status: given.status, text: given.text }, JSON.stringify(missing)).toEqual({
      status: expected.status,
      text: expected.text,
    })
    expect(given.error?.data.appCode ?? 'OK').toMatch(/^(NOT_FOUND|OK)$/)
  }
  expect([await headOf(caller), await headOf(victim)]).toEqual([head, victimHead])
  expect(await changesAfter(victim, victimHead)).toEqual([])
})

test('the same calls on own ids change something (negative control of the test above)', async () => {
  const { caller, ids } = await callerWithRows()
  const answers: string[] = []
  for (const [path, input] of calls(ids, ids)) {
    const { error } = await caller.call(path, input)
    answers.push(error?.data.appCode ?? 'OK')
  }
  expect(answers.filter((code) => code === 'OK').length).toBeGreaterThan(10)
  expect(await headOf(caller)).toBeGreaterThan(10)
})

test('two users can use the same id', async () => {
  const { caller: victim, ids } = await callerWithRows()
  const caller = await newCaller(service)
  for (const id of Object.values(ids)) {
    const task = await caller.client.tasks.create.mutate({ id, title: 'mine' })
    expect(task).toMatchObject({ id, userId: caller.user.id, title: 'mine' })
    await caller.client.tasks.update.mutate({ id, changes: { title: 'still mine' } })
  }
  expect(await victim.client.tasks.get.query({ id: ids.live })).toMatchObject({ title: 'live', userId: victim.user.id })
  await caller.client.tasks.purge.mutate({ id: ids.live })
  expect(await victim.client.tasks.get.query({ id: ids.live })).toMatchObject({ title: 'live' })
  expect((await changesAfter(victim, 0)).some(({ redacted }) => redacted === true)).toBe(false)
})
