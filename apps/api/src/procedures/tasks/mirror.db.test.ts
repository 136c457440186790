import { randomUUID } from 'node:crypto'
import { PRIORITIES, type TaskChanges } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, changesAfter, headOf, newCaller } from '../../testing/caller.ts'
import { checkCommits, emptyMirror, follow, type Mirror } from '../../testing/mirror.ts'
import { checkProperty } from '../../testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const nr = fc.nat(1000)
const nrs = fc.array(nr, { minLength: 1, maxLength: 5 })
const changes: fc.Arbitrary<TaskChanges> = fc
  .record(
    {
      title: fc.constantFrom('one', 'two', 'three'),
      description: fc.constantFrom(null, 'text'),
      complete: fc.boolean(),
      priority: fc.constantFrom(...PRIORITIES),
      tags: fc.subarray(['a', 'b', 'c']),
      due: fc.constantFrom(null, { date: '2026-01-01' }, { date: '2026-01-01', time: '12:00', timeZone: 'Asia/Tokyo' }),
    },
    { requiredKeys: [] },
  )
  .filter((given) => Object.keys(given).length > 0)
const bulkAction = fc.oneof(
  fc.boolean().map((complete) => ({ type: 'complete' as const, complete })),
  changes.map((given) => ({ type: 'update' as const, changes: given })),
  fc.constantFrom('2026-01-02', '2026-06-01').map((dueDate) => ({ type: 'update' as const, changes: { dueDate } })),
  fc.constantFrom({ type: 'delete' as const }, { type: 'restore' as const }, { type: 'purge' as const }),
)

type Step = (caller: Caller, known: { tasks: string[]; lists: string[]; keys: string[] }) => Promise<unknown>
const one = (ids: readonly string[], pick: number): string => ids[pick % ids.length] ?? ''
const some = (ids: readonly string[], picks: readonly number[]): string[] => [
  ...new Set(picks.map((pick) => one(ids, pick))),
]

/** Any step may be refused: then it must change nothing. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(nr, nr, fc.boolean(), changes).map(([list, after, last, given]): Step => async ({ client }, known) => {
    const id = randomUUID()
    known.tasks.push(id)
    const listId = [null, ...known.lists][list % (known.lists.length + 1)] ?? null
    await client.tasks.create.mutate({
      ...given,
      title: given.title ?? 'new',
      id,
      listId,
      ...(last ? {} : { after: one(known.tasks, after) }),
    })
  }),
  nr.map((count): Step => async ({ client }, known) => {
    const ids = Array.from({ length: (count % 5) + 1 }, () => randomUUID())
    known.tasks.push(...ids)
    await client.tasks.createMany.mutate({ tasks: ids.map((id) => ({ id, title: id })) })
  }),
  fc.tuple(nr, changes).map(
    ([task, given]): Step =>
      async ({ client }, known) =>
        client.tasks.update.mutate({ id: one(known.tasks, task), changes: given }),
  ),
  fc.tuple(nr, fc.boolean()).map(
    ([task, complete]): Step =>
      async ({ client }, known) =>
        client.tasks.complete.mutate({ id: one(known.tasks, task), complete }),
  ),
  fc.tuple(nr, nr, nr).map(([task, list, after]): Step => async ({ client }, known) => {
    const listId = [null, ...known.lists][list % (known.lists.length + 1)] ?? null
    const place = after % 3 === 0 ? {} : { after: after % 3 === 1 ? null : one(known.tasks, after) }
    await client.tasks.move.mutate({ id: one(known.tasks, task), listId, ...place })
  }),
  nr.map(
    (task): Step =>
      async ({ client }, known) =>
        client.tasks.delete.mutate({ id: one(known.tasks, task) }),
  ),
  nr.map(
    (task): Step =>
      async ({ client }, known) =>
        client.tasks.restore.mutate({ id: one(known.tasks, task) }),
  ),
  nr.map(
    (task): Step =>
      async ({ client }, known) =>
        client.tasks.purge.mutate({ id: one(known.tasks, task) }),
  ),
  fc.tuple(nrs, bulkAction).map(
    ([picks, action]): Step =>
      async ({ client }, known) =>
        client.tasks.bulk.mutate({ ids: some(known.tasks, picks), action }),
  ),
  fc.tuple(fc.boolean(), nr).map(([complete, list]): Step => async ({ client }, known) => {
    const action = { type: 'move' as const, listId: [null, ...known.lists][list % (known.lists.length + 1)] ?? null }
    await client.tasks.bulk.mutate({ filter: { complete }, action, maxAffected: 100 })
  }),
  fc.constant<Step>(async ({ client }, known) => {
    const { id } = await client.lists.create.mutate({ name: randomUUID() })
    known.lists.push(id)
  }),
  fc.tuple(nr, fc.constantFrom<'inbox' | 'trash'>('inbox', 'trash')).map(
    ([list, tasks]): Step =>
      async ({ client }, known) =>
        client.lists.delete.mutate({ id: one(known.lists, list), tasks }),
  ),
  fc.record({ name: fc.constantFrom('Ada', 'Zoë'), timeZone: fc.constantFrom('UTC', 'Asia/Tokyo') }).map(
    (given): Step =>
      async ({ client }) =>
        client.me.update.mutate(given),
  ),
  fc.constant<Step>(async ({ client }, known) => {
    const { key } = await client.keys.create.mutate({ name: 'key', scopes: ['tasks:read', 'account'] })
    known.keys.push(key.id)
  }),
  nr.map(
    (key): Step =>
      async ({ client }, known) =>
        client.keys.revoke.mutate({ id: one(known.keys, key) }),
  ),
)

/** Reads the account without its e-mail address, which is in no Change. */
async function readAccount({ client }: Caller): Promise<{ id: string }> {
  const { email: _email, ...account } = await client.me.get.query()
  return account
}

async function readAll(caller: Caller): Promise<Record<string, unknown>[]> {
  const { client } = caller
  const rows: Record<string, unknown>[] = []
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await client.tasks.list.query({ filter: { trash: 'with' }, limit: 100, cursor })
    rows.push(...items.map((task) => ({ ...task })))
    if (nextCursor === null) break
    cursor = nextCursor
  }
  rows.push(...(await client.lists.list.query({ limit: 100 })).items.map((list) => ({ ...list })))
  rows.push(...(await client.keys.list.query({ limit: 100 })).items.map((key) => ({ ...key })))
  rows.push({ ...(await readAccount(caller)) })
  return rows
}

const byId = (rows: Iterable<Record<string, unknown>>): Record<string, unknown>[] =>
  [...rows].toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))

test('applying the Changes in order, from the start and step by step, yields what queries return', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (acts) => {
    const caller = await newCaller(service)
    const known = { tasks: [randomUUID()], lists: [randomUUID()], keys: [randomUUID()] }
    const account = await readAccount(caller)
    const live: Mirror = emptyMirror(account)
    for (const step of acts) {
      await step(caller, known).catch((error: unknown) => {
        // A refusal has data; any other failure has none.
        if ((error as { data?: object }).data === undefined) throw error
      })
      for (const change of await changesAfter(caller, live.revision)) follow(live, change)
    }
    const all = await changesAfter(caller, 0)
    checkCommits(all)
    const replayed = emptyMirror(account)
    for (const change of all) follow(replayed, change)
    const rows = byId(await readAll(caller))
    expect(byId(live.rows.values())).toEqual(rows)
    expect(byId(replayed.rows.values())).toEqual(rows)
    expect(replayed.revision).toBe(await headOf(caller))
  })
  await checkProperty(property, 5)
})
