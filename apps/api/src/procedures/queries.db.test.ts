import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { SORTS, type TaskFilter, type TaskSort } from '@taskwire/contract'
import { SENT_QUERIES, type SentQuery } from '@taskwire/db'
import { committedTexts, committedTextsOf } from '@taskwire/db/testing'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openRawStream } from '../testing/streams.ts'
import { filter as drawnFilter, sort as drawnSort, zone } from '../testing/model/draws.ts'
import { type Caller, newCaller } from '../testing/caller.ts'
import { checkProperty } from '../testing/property.ts'
import { startTestService } from '../testing/service.ts'

// Every test checks, by startTestService(), that each query sent is a committed text. This one checks the reverse: that each
// committed text is sent.
const sent = new Set<string>()
const seen = new Set<string>()
const onSent = (message: unknown): void => {
  // The caller session publishes a SentQuery.
  const query = message as SentQuery
  if (!seen.has(query.text)) for (const text of committedTextsOf(query) ?? []) sent.add(text)
  seen.add(query.text)
}
subscribe(SENT_QUERIES, onSent)
const service = await startTestService()
afterAll(async () => {
  unsubscribe(SENT_QUERIES, onSent)
  await service[Symbol.asyncDispose]()
})

/** Creates a few tasks for each part of each order; returns the id of a list. */
async function createTasks({ client }: Caller): Promise<string> {
  const { id: listId } = await client.lists.create.mutate({ name: 'List' })
  const kinds = [{}, { complete: true }, { due: { date: '2020-01-01' } }, { listId, tags: ['home'] }]
  const tasks = [...kinds, ...kinds, ...kinds].map((kind, nr) => ({ title: `Milk ${nr}`, ...kind }))
  const created = await client.tasks.createMany.mutate({ tasks })
  await client.tasks.bulk.mutate({ ids: created.tasks.slice(-3).map(({ id }) => id), action: { type: 'delete' } })
  return listId
}

/** Reads every page of a list, of two tasks each, in both directions. */
async function readPages({ client }: Caller, filter: TaskFilter, sorts: readonly TaskSort['by'][]): Promise<void> {
  for (const by of sorts)
    for (const direction of ['asc', 'desc'] as const)
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await client.tasks.list.query({ filter, sort: { by, direction }, limit: 2, cursor })
        cursor = page.nextCursor
      }
}

async function readLists(caller: Caller): Promise<void> {
  const listId = await createTasks(caller)
  await readPages(caller, { trash: 'with' }, SORTS)
  for (const list of [listId, null, [listId], [listId, null]]) await readPages(caller, { listId: list }, ['position'])
  const dues = [{ on: '2020-01-01' }, { before: '2020-01-02' }, { before: '2020-01-02T00:00:00Z' }]
  for (const due of [
    ...dues,
    { after: '2019-12-31' },
    { after: '2019-12-31T00:00:00Z' },
    'today' as const,
    'none' as const,
  ])
    await readPages(caller, { due }, ['due'])
  const property = fc.asyncProperty(drawnFilter, drawnSort, zone, async (filter, sort, timeZone) => {
    const { nextCursor } = await caller.client.tasks.list.query({ filter, sort, timeZone, limit: 1 })
    await caller.client.tasks.list.query({ filter, sort, timeZone, limit: 1, cursor: nextCursor })
    await caller.client.tasks.count.query({ filter, timeZone })
  })
  await checkProperty(property, 100)
}

/** Sends the queries of every other procedure, and a long body with an unverified credential. */
async function readOthers({ client, call, user }: Caller): Promise<void> {
  const { secret } = await client.keys.create.mutate({ name: 'key', scopes: ['tasks:write'] })
  const tasks = Array.from({ length: 100 }, () => ({ title: 'a', description: 'x'.repeat(1000) }))
  await call('tasks.createMany', { tasks }, { authorization: `Bearer ${secret}` })
  const { items } = await client.tasks.list.query({})
  await client.tasks.get.query({ id: items[0]?.id ?? '' })
  await client.lists.list.query({})
  await client.tags.list.query({})
  await client.keys.list.query({})
  await client.me.get.query()
  await client.me.export.query()
  await client.changes.list.query({ after: 0 })
  await client.changes.list.query({ after: 0, entityId: user.id })
  await call('users.list', {}, { authorization: `Bearer ${await service.addServiceKey('users')}` })
  using stream = await openRawStream(service.url, { authorization: `Bearer ${user.token}` })
  await stream.next('message')
}

test('each committed text of a query is sent', async () => {
  const caller = await newCaller(service)
  await readLists(caller)
  await readOthers(caller)
  expect(committedTexts.filter((text) => !sent.has(text))).toEqual([])
})
