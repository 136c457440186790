import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

async function createTagged(...all: string[][]): Promise<{ caller: Caller; ids: string[] }> {
  const caller = await newCaller(service)
  const tasks = all.map((tags, n) => ({ title: `task ${n}`, tags }))
  const created = await caller.client.tasks.createMany.mutate({ tasks })
  return { caller, ids: created.tasks.map(({ id }) => id) }
}

async function tagsOf({ client }: Caller, ids: readonly string[]): Promise<string[][]> {
  return await Promise.all(ids.map(async (id) => (await client.tasks.get.query({ id })).tags))
}

test('tags are counted by key, over the tasks outside the trash, and shown in their latest spelling', async () => {
  const { caller, ids } = await createTagged(['Home', 'b'], ['home'], ['HOME', 'c'], ['gone'])
  await caller.client.tasks.delete.mutate({ id: ids[3] ?? '' })
  const { items, nextCursor } = await caller.client.tags.list.query({})
  expect(items).toEqual([
    { tag: 'b', count: 1 },
    { tag: 'c', count: 1 },
    { tag: 'HOME', count: 3 },
  ])
  expect(nextCursor).toBeNull()
})

test('without tags, the page is empty', async () => {
  const { client } = await newCaller(service)
  expect(await client.tags.list.query({})).toEqual({ items: [], nextCursor: null })
})

test('pages contain each tag once, whatever its writing system and length', async () => {
  const tags = ['Zebra', 'apple', 'éclair', '牛乳', '🥛'.repeat(50), 'İ'.repeat(50), 'ß', 'a b', '"\\,{}', 'apple pie']
  const { caller } = await createTagged(tags)
  const all: string[] = []
  let cursor: string | undefined
  do {
    const page = await caller.client.tags.list.query({ limit: 1, cursor })
    all.push(...page.items.map(({ tag }) => tag))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(all.toSorted()).toEqual(tags.toSorted())
})

test('the new tag takes the position of the old one', async () => {
  const { caller, ids } = await createTagged(['a', 'Old', 'c'], ['c'], ['OLD'])
  const renamed = await caller.client.tags.rename.mutate({ from: 'old', to: ' New ' })
  expect(renamed).toEqual({ affected: 2, revision: 5 })
  expect(await tagsOf(caller, ids)).toEqual([['a', 'New', 'c'], ['c'], ['New']])
})

test('a rename to a tag that the task has merges the two, at the position of the first', async () => {
  const { caller, ids } = await createTagged(['x', 'from', 'y', 'TO'], ['to', 'from'], ['to', 'z'], ['from'])
  expect(await caller.client.tags.rename.mutate({ from: 'from', to: 'To' })).toMatchObject({ affected: 3 })
  expect(await tagsOf(caller, ids)).toEqual([['x', 'To', 'y'], ['To'], ['to', 'z'], ['To']])
  expect((await caller.client.tags.list.query({})).items).toContainEqual({ tag: 'To', count: 4 })
})

test('a task with ten tags can be renamed', async () => {
  const ten = Array.from({ length: 10 }, (_, n) => `tag ${n}`)
  const { caller, ids } = await createTagged(ten)
  await caller.client.tags.rename.mutate({ from: 'tag 4', to: 'other' })
  expect(await tagsOf(caller, ids)).toEqual([ten.map((tag) => (tag === 'tag 4' ? 'other' : tag))])
})

test('another spelling of the same tag is a rename; the same spelling takes no revision', async () => {
  const { caller, ids } = await createTagged(['home', 'b'], ['Home'])
  expect(await caller.client.tags.rename.mutate({ from: 'HOME', to: 'Home' })).toEqual({ affected: 1, revision: 3 })
  expect(await tagsOf(caller, ids)).toEqual([['Home', 'b'], ['Home']])
  expect(await caller.client.tags.rename.mutate({ from: 'home', to: 'Home' })).toEqual({ affected: 0, revision: 3 })
  expect(await caller.client.tags.rename.mutate({ from: 'none', to: 'x' })).toEqual({ affected: 0, revision: 3 })
})

test('a tag is renamed on tasks in the trash too', async () => {
  const { caller, ids } = await createTagged(['old'])
  const id = ids[0] ?? ''
  await caller.client.tasks.delete.mutate({ id })
  expect(await caller.client.tags.rename.mutate({ from: 'old', to: 'new' })).toMatchObject({ affected: 1 })
  expect((await caller.client.tasks.restore.mutate({ id })).tags).toEqual(['new'])
})

test('a rename is one commit, in the order of creation, with the tags in its Changes', async () => {
  const { caller, ids } = await createTagged(['old'], ['x'], ['old', 'y'])
  const mutationId = randomUUID()
  await caller.client.tags.rename.mutate({ from: 'old', to: 'new', mutationId })
  const changes = await changesAfter(caller, 3)
  expect(changes.map(({ entityId, action, commit, mutationId: id }) => [entityId, action, commit, id])).toEqual([
    [ids[0], 'update', 5, mutationId],
    [ids[2], 'update', 5, mutationId],
  ])
  expect(changes[1]).toMatchObject({ before: { tags: ['old', 'y'] }, after: { tags: ['new', 'y'] } })
  expect(await caller.client.tags.rename.mutate({ from: 'old', to: 'new', mutationId })).toEqual({
    affected: 2,
    revision: 5,
  })
})

test('a task is found by its renamed tag', async () => {
  const { caller, ids } = await createTagged(['old'])
  await caller.client.tags.rename.mutate({ from: 'OLD', to: 'STRAßE' })
  const found = async (tag: string): Promise<string[]> =>
    (await caller.client.tasks.list.query({ filter: { tags: { all: [tag] } } })).items.map(({ id }) => id)
  expect(await found('straße')).toEqual(ids)
  expect(await found('old')).toEqual([])
})

test('tags of another user are not renamed', async () => {
  const { caller } = await createTagged(['shared'])
  const other = await createTagged(['shared'])
  await caller.client.tags.rename.mutate({ from: 'shared', to: 'mine' })
  expect((await other.caller.client.tags.list.query({})).items).toEqual([{ tag: 'shared', count: 1 }])
  expect(await headOf(other.caller)).toBe(1)
})

test('renaming a tag on more than ten thousand tasks is refused', async () => {
  const caller = await newCaller(service)
  await service.admin(
    `insert into tw.tasks (space_id, id, title, tags, tag_keys, position, revision, created_at, updated_at)
     select $1, gen_random_uuid(), 'task ' || n, '{Big}', '{big}', tw.position_text(2147483648 + n), 1, now(), now()
     from generate_series(1, 10001) n`,
    [caller.user.id],
  )
  expect(await refused(caller.client.tags.rename.mutate({ from: 'big', to: 'small' }))).toMatchObject({
    appCode: 'LIMIT_EXCEEDED',
  })
  expect((await caller.client.tags.list.query({})).items).toEqual([{ tag: 'Big', count: 10_001 }])
})
