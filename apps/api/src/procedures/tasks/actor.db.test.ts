import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { createServiceKey } from '../keys/service-keys.ts'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, newCaller } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** Sends one mutation of every kind with this credential; returns the expected log entries. */
async function sendEveryKind(caller: Caller, headers: Record<string, string>): Promise<string[]> {
  const ids = [randomUUID(), randomUUID(), randomUUID()]
  const [id, other, third] = ids
  const calls: [string, object, string][] = [
    ['tasks.create', { id, title: 'a' }, 'create'],
    [
      'tasks.createMany',
      {
        tasks: [
          { id: other, title: 'b' },
          { id: third, title: 'c' },
        ],
      },
      'create create',
    ],
    ['tasks.update', { id, changes: { title: 'x' } }, 'update'],
    ['tasks.complete', { id }, 'complete'],
    ['tasks.move', { id, after: other }, 'move'],
    ['tasks.bulk', { ids: [other, third], action: { type: 'update', changes: { priority: 'low' } } }, 'update update'],
    ['tasks.bulk', { ids: [other], action: { type: 'move', listId: null } }, ''],
    ['tasks.delete', { id }, 'delete'],
    ['tasks.restore', { id }, 'restore'],
    ['tasks.purge', { id }, 'purge'],
    ['tasks.bulk', { ids: [other, third], action: { type: 'purge' } }, 'purge purge'],
  ]
  const logged: string[] = []
  for (const [path, input, actions] of calls) {
    const mutationId = randomUUID()
    const { status, text } = await caller.call(
      path,
      { ...input, mutationId },
      { ...headers, 'x-request-id': mutationId },
    )
    expect(status, text).toBe(200)
    if (actions !== '') logged.push(...actions.split(' ').map((action) => `${action} ${mutationId}`))
  }
  return logged
}

async function logOf(caller: Caller, after = 0): Promise<{ entries: string[]; actors: unknown[] }> {
  const changes = await changesAfter(caller, after)
  expect(changes.map(({ requestId }) => requestId)).toEqual(changes.map(({ mutationId }) => mutationId))
  expect(new Set(changes.map(({ entity }) => entity))).toEqual(new Set(['task']))
  return {
    entries: changes.map(({ action, mutationId }) => `${action} ${mutationId ?? ''}`),
    actors: [...new Set(changes.map(({ actor }) => JSON.stringify(actor)))].map((actor): unknown => JSON.parse(actor)),
  }
}

test("the actor of a session's Changes is the user", async () => {
  const caller = await newCaller(service)
  const entries = await sendEveryKind(caller, {})
  const actor = { kind: 'user', userId: caller.user.id, keyId: null }
  expect(await logOf(caller)).toEqual({ entries, actors: [actor] })
})

test("the actor of a key's Changes is the key, and its owner", async () => {
  const caller = await newCaller(service)
  const { key, secret } = await caller.client.keys.create.mutate({ name: 'script', scopes: ['tasks:write'] })
  const entries = await sendEveryKind(caller, { authorization: `Bearer ${secret}` })
  const actor = { kind: 'key', userId: caller.user.id, keyId: key.id }
  // The first Change is the creation of the key, by the owner.
  expect(await logOf(caller, 1)).toEqual({ entries, actors: [actor] })
})

test("the actor of a service's Changes is its key, and the user that it acts for", async () => {
  const caller = await newCaller(service)
  const { id, secret } = await createServiceKey(service.database.owner, { name: 'billing', scopes: 'tasks:write' })
  const entries = await sendEveryKind(caller, { authorization: `Bearer ${secret}`, 'x-taskwire-user': caller.user.id })
  const actor = { kind: 'service', userId: caller.user.id, keyId: id }
  expect(await logOf(caller)).toEqual({ entries, actors: [actor] })
})

test('without a mutationId, a Change has none, and each request has its own requestId', async () => {
  const caller = await newCaller(service)
  await caller.call('tasks.create', { title: 'a' })
  await caller.call('tasks.create', { title: 'b' })
  const [one, two] = await changesAfter(caller, 0)
  expect([one?.mutationId, two?.mutationId]).toEqual([null, null])
  expect(one?.requestId).toMatch(/^[0-9a-f-]{36}$/)
  expect(two?.requestId).not.toBe(one?.requestId)
})
