import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** Returns every row of the user as text. */
async function storedOf({ user }: Caller): Promise<string> {
  const [row] = await service.admin(
    `select concat((select string_agg(t::text, ' ') from tw.tasks t where space_id = $1),
      (select string_agg(c::text, ' ') from tw.changes c where space_id = $1),
      (select string_agg(m::text, ' ') from tw.mutations m where space_id = $1)) as all`,
    [user.id],
  )
  return String(row?.['all'])
}

test('a purge removes the task from the rows, the log and the stored replies', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'secret one', description: 'secret two', tags: ['secret'] })
  await client.tasks.update.mutate({ id, changes: { title: 'secret three' } })
  // A no-op: its stored reply contains the task too.
  await client.tasks.update.mutate({ id, changes: { title: 'secret three' } })
  await client.tasks.bulk.mutate({ ids: [id], action: { type: 'update', changes: { priority: 'low' } } })
  await client.tasks.bulk.mutate({ filter: { tags: { any: ['secret'] } }, action: { type: 'delete' }, maxAffected: 1 })
  await client.tasks.delete.mutate({ id })
  await client.tasks.restore.mutate({ id })
  expect(await storedOf(caller)).toContain('secret')

  const purged = await client.tasks.purge.mutate({ id })
  expect(purged).toEqual({ id, revision: 6 })
  expect(await storedOf(caller)).not.toContain('secret')
  expect(await refused(client.tasks.get.query({ id }))).toMatchObject({ appCode: 'NOT_FOUND' })
  expect(await refused(client.tasks.purge.mutate({ id }))).toMatchObject({ appCode: 'NOT_FOUND' })
})

test('the Changes of a purged task stay in the log, redacted, and the purge is logged', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x' })
  const other = await client.tasks.create.mutate({ title: 'other' })
  await client.tasks.delete.mutate({ id })
  await client.tasks.purge.mutate({ id })
  const changes = await changesAfter(caller, 0)
  expect(
    changes.map(({ revision, action, before, after, redacted }) => ({ revision, action, before, after, redacted })),
  ).toEqual([
    { revision: 1, action: 'create', before: null, after: {}, redacted: true },
    { revision: 2, action: 'create', before: null, after: other, redacted: false },
    { revision: 3, action: 'delete', before: {}, after: {}, redacted: true },
    { revision: 4, action: 'purge', before: {}, after: null, redacted: false },
  ])
})

for (const state of ['live', 'trashed'] as const)
  test(`a task ${state === 'trashed' ? 'in' : 'outside'} the trash can be purged, with expectedRevision or not`, async () => {
    const caller = await newCaller(service)
    const { client } = caller
    for (const check of [true, false]) {
      let task = await client.tasks.create.mutate({ title: 'x' })
      if (state === 'trashed') task = await client.tasks.delete.mutate({ id: task.id })
      const { id, revision } = task
      const input = check ? { id, expectedRevision: revision } : { id }
      expect(await client.tasks.purge.mutate(input)).toEqual({ id, revision: await headOf(caller) })
    }
    expect(await client.tasks.count.query({ filter: { trash: 'with' } })).toMatchObject({ total: 0 })
  })

test('a replay of a mutation whose reply contained the task is MUTATION_APPLIED; a replay of the purge returns its reply', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const ids = Array.from({ length: 6 }, () => randomUUID()) as [string, string, string, string, string, string]
  const [create, noOp, both, others, purge, failed] = ids
  const one = randomUUID()
  const two = await client.tasks.create.mutate({ title: 'two' })
  const three = await client.tasks.create.mutate({ title: 'three' })
  const calls = [
    () => client.tasks.create.mutate({ id: one, title: 'one', mutationId: create }),
    () => client.tasks.complete.mutate({ id: one, complete: false, mutationId: noOp }),
    () =>
      client.tasks.bulk.mutate({
        ids: [one, two.id],
        action: { type: 'update', changes: { title: 'x' } },
        mutationId: both,
      }),
    () => client.tasks.bulk.mutate({ ids: [two.id, three.id], action: { type: 'delete' }, mutationId: others }),
  ]
  const heads: number[] = []
  for (const call of calls) {
    await call()
    heads.push(await headOf(caller))
  }
  // A refusal is not recorded, so sending the call again is not a replay.
  const refusal = () =>
    client.tasks.update.mutate({ id: one, changes: { title: 'y' }, expectedRevision: 1, mutationId: failed })
  await refused(refusal())
  const purged = await client.tasks.purge.mutate({ id: one, mutationId: purge })
  for (const [at, call] of calls.slice(0, 3).entries())
    expect(await refused(call())).toMatchObject({ appCode: 'MUTATION_APPLIED', httpStatus: 409, revision: heads[at] })
  expect(await calls[3]?.()).toMatchObject({ affected: 2, revision: heads[3] })
  expect(await client.tasks.purge.mutate({ id: one, mutationId: purge })).toEqual(purged)
  expect(await refused(refusal())).toMatchObject({ appCode: 'NOT_FOUND' })
  expect(await headOf(caller)).toBe(purged.revision)
})

test('a purge of several tasks redacts the Changes of those tasks only', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const drafts = ['secret a', 'plain b', 'secret c'].map((title) => ({ title }))
  const { tasks } = await client.tasks.createMany.mutate({ tasks: drafts })
  const [a, b, c] = tasks
  const ids = [c?.id ?? '', a?.id ?? '']
  expect(await client.tasks.bulk.mutate({ ids, action: { type: 'purge' } })).toEqual({
    affected: 2,
    tasks: [],
    revision: 5,
  })
  const changes = await changesAfter(caller, 0)
  expect(changes.map(({ after, redacted }) => [after, redacted])).toEqual([
    [{}, true],
    [b, false],
    [{}, true],
    [null, false],
    [null, false],
  ])
  expect(changes.slice(3).map(({ entityId, revision, commit }) => ({ entityId, revision, commit }))).toEqual([
    { entityId: ids[0], revision: 4, commit: 5 },
    { entityId: ids[1], revision: 5, commit: 5 },
  ])
  expect(await storedOf(caller)).not.toContain('secret')
})
