import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

async function namesOf({ client }: Caller): Promise<string[]> {
  return (await client.lists.list.query({})).items.map(({ name }) => name)
}

test('creating a list logs one Change with the whole row', async () => {
  const caller = await newCaller(service)
  const mutationId = randomUUID()
  const list = await caller.client.lists.create.mutate({ name: '  Errands ', mutationId })
  expect(list).toMatchObject({ name: 'Errands', revision: 1 })
  expect(list.updatedAt).toBe(list.createdAt)
  expect((await caller.client.lists.list.query({})).items).toEqual([list])
  const [change, ...others] = await changesAfter(caller, 0)
  expect(others).toEqual([])
  expect(change).toMatchObject({
    revision: 1,
    commit: 1,
    mutationId,
    action: 'create',
    entity: 'list',
    entityId: list.id,
  })
  expect(change).toMatchObject({ before: null, after: list, at: list.createdAt })
})

test('an id that the caller chose is kept, and cannot be reused, even after its list is deleted', async () => {
  const { client } = await newCaller(service)
  const id = randomUUID()
  const list = await client.lists.create.mutate({ id: id.toUpperCase(), name: 'One' })
  expect(list.id).toBe(id)
  expect(await refused(client.lists.create.mutate({ id, name: 'Two' }))).toMatchObject({
    appCode: 'ALREADY_EXISTS',
    current: list,
  })
  await client.lists.delete.mutate({ id, tasks: 'inbox' })
  const deleted = await refused(client.lists.create.mutate({ id, name: 'Three' }))
  expect(deleted).toMatchObject({ appCode: 'ALREADY_EXISTS' })
  expect(deleted.current).toBeUndefined()
})

test('another user can use the same id', async () => {
  const [one, two] = [await newCaller(service), await newCaller(service)]
  const { id } = await one.client.lists.create.mutate({ name: 'Mine' })
  expect((await two.client.lists.create.mutate({ id, name: 'Mine' })).id).toBe(id)
  expect((await one.client.lists.list.query({})).items).toHaveLength(1)
})

test('a list cannot have the id of the account', async () => {
  const { client, user } = await newCaller(service)
  await client.me.update.mutate({ name: 'Changed' })
  const refusal = await refused(client.lists.create.mutate({ id: user.id, name: 'Inbox' }))
  expect(refusal).toMatchObject({ appCode: 'VALIDATION', fields: [{ path: 'id' }] })
})

test.each([
  ['Work', 'WORK'],
  ['straße', 'STRAßE'],
  ['İzmir', 'i̇zmir'],
  ['e\u0301te\u0301', 'ÉTÉ'],
  ['ΟΔΟΣ', 'οδος'],
])('the names %s and %s are the same', async (first, second) => {
  const { client } = await newCaller(service)
  const list = await client.lists.create.mutate({ name: first })
  const other = await client.lists.create.mutate({ name: 'Other' })
  const taken = { appCode: 'ALREADY_EXISTS', current: list }
  expect(await refused(client.lists.create.mutate({ name: second }))).toMatchObject(taken)
  expect(await refused(client.lists.update.mutate({ id: other.id, changes: { name: second } }))).toMatchObject(taken)
  // The list itself can take another spelling of its name.
  const renamed = await client.lists.update.mutate({ id: list.id, changes: { name: second } })
  expect(renamed.name).toBe(second.normalize('NFC'))
})

test('a name is free again once its list is renamed or deleted', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.lists.create.mutate({ name: 'A' })
  await client.lists.update.mutate({ id, changes: { name: 'B' } })
  const { id: second } = await client.lists.create.mutate({ name: 'a' })
  await client.lists.delete.mutate({ id: second, tasks: 'trash' })
  await client.lists.create.mutate({ name: 'A' })
})

test('a list is created and moved last, first or after another list', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const b = await client.lists.create.mutate({ name: 'b' })
  const d = await client.lists.create.mutate({ name: 'd' })
  await client.lists.create.mutate({ name: 'a', after: null })
  await client.lists.create.mutate({ name: 'c', after: b.id })
  expect(await namesOf(caller)).toEqual(['a', 'b', 'c', 'd'])
  await client.lists.update.mutate({ id: b.id, changes: { after: d.id } })
  expect(await namesOf(caller)).toEqual(['a', 'c', 'd', 'b'])
  await client.lists.update.mutate({ id: d.id, changes: { after: null, name: 'D' } })
  expect(await namesOf(caller)).toEqual(['D', 'a', 'c', 'b'])
})

test('a move takes one revision, and its Change has only the fields that differ', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [a, b] = [await client.lists.create.mutate({ name: 'a' }), await client.lists.create.mutate({ name: 'b' })]
  const moved = await client.lists.update.mutate({ id: b.id, changes: { after: null } })
  expect(moved.revision).toBe(b.revision + 1)
  expect((await client.lists.list.query({})).items).toEqual([moved, a])
  const [change] = await changesAfter(caller, b.revision)
  expect(change).toMatchObject({
    action: 'move',
    before: { position: b.position },
    after: { position: moved.position },
  })
  expect(moved.updatedAt).toBe(change?.at)
})

test('an update that changes nothing takes no revision', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [a, b] = [await client.lists.create.mutate({ name: 'a' }), await client.lists.create.mutate({ name: 'b' })]
  expect(await client.lists.update.mutate({ id: a.id, changes: { name: 'a' } })).toEqual(a)
  expect(await client.lists.update.mutate({ id: a.id, changes: { after: null } })).toEqual(a)
  expect(await client.lists.update.mutate({ id: b.id, changes: { after: a.id, name: 'b' } })).toEqual(b)
  expect(await headOf(caller)).toBe(2)
})

test('expectedRevision is compared with the revision of the list, not with the head', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const a = await client.lists.create.mutate({ name: 'a' })
  await client.lists.create.mutate({ name: 'b' })
  const renamed = await client.lists.update.mutate({ id: a.id, changes: { name: 'A' }, expectedRevision: 1 })
  for (const changes of [{ name: 'x' }, { name: 'A' }, { after: null }])
    expect(await refused(client.lists.update.mutate({ id: a.id, changes, expectedRevision: 1 }))).toMatchObject({
      appCode: 'REVISION_CONFLICT',
      current: renamed,
    })
  expect(await refused(client.lists.delete.mutate({ id: a.id, tasks: 'inbox', expectedRevision: 1 }))).toMatchObject({
    appCode: 'REVISION_CONFLICT',
    current: renamed,
  })
  expect(await headOf(caller)).toBe(3)
})

test('an unknown list and another user’s list are NOT_FOUND', async () => {
  const [{ client }, other] = [await newCaller(service), await newCaller(service)]
  const mine = await client.lists.create.mutate({ name: 'mine' })
  const theirs = await other.client.lists.create.mutate({ name: 'theirs' })
  for (const id of [randomUUID(), theirs.id]) {
    expect(await refused(client.lists.update.mutate({ id, changes: { name: 'x' } }))).toMatchObject({
      appCode: 'NOT_FOUND',
    })
    expect(await refused(client.lists.delete.mutate({ id, tasks: 'trash' }))).toMatchObject({ appCode: 'NOT_FOUND' })
    expect(await refused(client.lists.create.mutate({ name: 'x', after: id }))).toMatchObject({ appCode: 'NOT_FOUND' })
    expect(await refused(client.lists.update.mutate({ id: mine.id, changes: { after: id } }))).toMatchObject({
      appCode: 'NOT_FOUND',
    })
  }
  expect((await other.client.lists.list.query({})).items).toEqual([theirs])
})

test('a list cannot be placed after itself, and an empty change is refused', async () => {
  const { client } = await newCaller(service)
  const { id } = await client.lists.create.mutate({ name: 'a' })
  expect(await refused(client.lists.update.mutate({ id, changes: { after: id.toUpperCase() } }))).toMatchObject({
    appCode: 'VALIDATION',
    fields: [{ path: 'changes.after' }],
  })
  expect(await refused(client.lists.update.mutate({ id, changes: {} }))).toMatchObject({
    appCode: 'VALIDATION',
    fields: [{ path: 'changes' }],
  })
})

test('pages contain every list once, in order, with the head', async () => {
  const caller = await newCaller(service)
  for (let n = 0; n < 7; n++) await caller.client.lists.create.mutate({ name: `list ${n}`, after: null })
  const all: string[] = []
  let cursor: string | undefined
  do {
    const page = await caller.client.lists.list.query({ limit: 3, cursor })
    expect(page.revision).toBe(7)
    all.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(all).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `list ${n}`))
})

test('a cursor of another query is refused', async () => {
  const { client } = await newCaller(service)
  for (const name of ['a', 'b']) await client.tasks.create.mutate({ title: name, tags: [name] })
  const { nextCursor } = await client.tags.list.query({ limit: 1 })
  for (const cursor of [nextCursor ?? '', 'x', 'W10', 'bnVsbA'])
    expect(await refused(client.lists.list.query({ cursor }))).toMatchObject({
      appCode: 'VALIDATION',
      fields: [{ path: 'cursor' }],
    })
})
