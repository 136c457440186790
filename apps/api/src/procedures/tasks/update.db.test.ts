import { randomUUID } from 'node:crypto'
import type { TaskChanges } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const full = {
  title: 'Title',
  description: 'Text',
  complete: true,
  priority: 'high' as const,
  tags: ['One', 'two'],
  due: { date: '2026-05-01', time: '10:00', timeZone: 'Europe/Paris' },
}

test('each field can change alone, in one Change with the field and what is derived from it', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const created = await client.tasks.create.mutate({ title: 'First' })
  const steps: { changes: TaskChanges; before: object; after: object }[] = [
    { changes: { title: ' Second ' }, before: { title: 'First' }, after: { title: 'Second' } },
    { changes: { description: 'x' }, before: { description: null }, after: { description: 'x' } },
    { changes: { description: null }, before: { description: 'x' }, after: { description: null } },
    { changes: { priority: 'low' }, before: { priority: 'none' }, after: { priority: 'low' } },
    { changes: { tags: ['b', 'a', 'B'] }, before: { tags: [] }, after: { tags: ['b', 'a'] } },
    { changes: { tags: ['a', 'b'] }, before: { tags: ['b', 'a'] }, after: { tags: ['a', 'b'] } },
    { changes: { tags: ['A', 'b'] }, before: { tags: ['a', 'b'] }, after: { tags: ['A', 'b'] } },
    {
      changes: { due: { date: '2026-05-01' } },
      before: { due: null },
      after: { due: { date: '2026-05-01' } },
    },
    {
      changes: { complete: true },
      before: { complete: false, completedAt: null },
      after: { complete: true, completedAt: expect.any(String) },
    },
  ]
  let task = created
  for (const [at, { changes, before, after }] of steps.entries()) {
    const changed = await client.tasks.update.mutate({ id: created.id, changes })
    expect(changed).toEqual({ ...task, ...after, revision: at + 2, updatedAt: changed.updatedAt })
    expect(changed.updatedAt >= task.updatedAt).toBe(true)
    const [change] = await changesAfter(caller, at + 1)
    const action = 'complete' in changes ? 'complete' : 'update'
    expect(change).toMatchObject({ action, revision: at + 2, commit: at + 2, at: changed.updatedAt })
    expect({ before: change?.before, after: change?.after }).toEqual({ before, after })
    task = changed
  }
  expect(task.createdAt).toBe(created.createdAt)
  expect(await client.tasks.get.query({ id: created.id })).toEqual(task)
})

test('several fields change in one revision, and the others are kept', async () => {
  const { client } = await newCaller(service)
  const created = await client.tasks.create.mutate(full)
  const changes = { complete: false, due: null, priority: 'none' as const }
  const changed = await client.tasks.update.mutate({ id: created.id, changes: { ...changes, description: '' } })
  expect(changed).toEqual({
    ...created,
    ...changes,
    description: '',
    dueAt: null,
    completedAt: null,
    revision: 2,
    updatedAt: changed.updatedAt,
  })
})

test('an update that changes nothing takes no revision', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const task = await client.tasks.create.mutate(full)
  const noOps: TaskChanges[] = [
    full,
    ...Object.entries(full).map(([name, value]) => ({ [name]: value })),
    { title: ' Title ' },
    { tags: ['One', 'two', 'ONE'] },
    { title: undefined, complete: true },
  ]
  for (const changes of noOps) expect(await client.tasks.update.mutate({ id: task.id, changes })).toEqual(task)
  expect(await client.tasks.complete.mutate({ id: task.id })).toEqual(task)
  expect(await client.tasks.restore.mutate({ id: task.id })).toEqual(task)
  expect(await client.tasks.update.mutate({ id: task.id, changes: full, expectedRevision: 1 })).toEqual(task)
  expect(await headOf(caller)).toBe(1)
  expect(await changesAfter(caller, 1)).toEqual([])
})

test('completing and reopening are logged as such, and completing again keeps completedAt', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x' })
  const done = await client.tasks.complete.mutate({ id })
  expect(done).toMatchObject({ complete: true, completedAt: done.updatedAt, revision: 2 })
  expect(await client.tasks.complete.mutate({ id, complete: true })).toEqual(done)
  const renamed = await client.tasks.update.mutate({ id, changes: { title: 'y', complete: true } })
  expect(renamed.completedAt).toBe(done.completedAt)
  const open = await client.tasks.complete.mutate({ id, complete: false })
  expect(open).toMatchObject({ complete: false, completedAt: null, revision: 4 })
  const changes = await changesAfter(caller, 1)
  expect(changes.map(({ action }) => action)).toEqual(['complete', 'update', 'reopen'])
  expect(changes.at(-1)).toMatchObject({
    before: { complete: true, completedAt: done.completedAt },
    after: { complete: false, completedAt: null },
  })
})

test('every mutation refuses an outdated expectedRevision, with the current task', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x' })
  const current = await client.tasks.update.mutate({ id, changes: { title: 'y' } })
  for (const expectedRevision of [0, 1, 3, Number.MAX_SAFE_INTEGER]) {
    const input = { id, expectedRevision }
    const calls = [
      client.tasks.update.mutate({ ...input, changes: { title: 'z' } }),
      client.tasks.update.mutate({ ...input, changes: { title: 'y' } }),
      client.tasks.complete.mutate(input),
      client.tasks.move.mutate({ ...input, after: null }),
      client.tasks.move.mutate({ ...input, after: randomUUID() }),
      client.tasks.delete.mutate(input),
      client.tasks.restore.mutate(input),
      client.tasks.purge.mutate(input),
    ]
    for (const error of await Promise.all(calls.map(refused)))
      expect(error).toMatchObject({ appCode: 'REVISION_CONFLICT', httpStatus: 409, current })
  }
  expect(await headOf(caller)).toBe(2)
})

test('expectedRevision is compared with the revision of the task, not with the head', async () => {
  const { client } = await newCaller(service)
  const task = await client.tasks.create.mutate({ title: 'x' })
  await client.tasks.create.mutate({ title: 'another' })
  const changes = { title: 'y' }
  const changed = await client.tasks.update.mutate({ id: task.id, changes, expectedRevision: task.revision })
  expect(changed).toMatchObject({ title: 'y', revision: 3 })
})

test('an unknown id is NOT_FOUND, always with the same message', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const id = randomUUID()
  const calls = [
    client.tasks.get.query({ id }),
    client.tasks.update.mutate({ id, changes: { title: 'x' } }),
    client.tasks.update.mutate({ id, changes: { title: 'x' }, expectedRevision: 1 }),
    client.tasks.complete.mutate({ id }),
    client.tasks.move.mutate({ id, after: randomUUID() }),
    client.tasks.delete.mutate({ id }),
    client.tasks.restore.mutate({ id }),
    client.tasks.purge.mutate({ id }),
    client.tasks.bulk.mutate({ ids: [id], action: { type: 'delete' } }),
  ]
  const errors = await Promise.all(calls.map(refused))
  expect(new Set(errors.map(({ appCode }) => appCode))).toEqual(new Set(['NOT_FOUND']))
  expect(new Set(errors.map(({ fields }) => fields?.[0]?.message)).size).toBe(1)
  expect(await headOf(caller)).toBe(0)
})
