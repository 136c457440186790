import { LIMITS, SORTS, type TaskListInput } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { toCursor } from '../cursor.ts'
import { startTestService } from '../../testing/service.ts'
import { newCaller, refused } from '../../testing/caller.ts'
import { checkProperty } from '../../testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

async function readFirstPage(input: TaskListInput = {}) {
  const caller = await newCaller(service)
  const { client } = caller
  const { tasks } = await client.tasks.createMany.mutate({
    tasks: ['a', 'b', 'c', 'd'].map((title) => ({ title, tags: ['tag'] })),
  })
  const { nextCursor } = await client.tasks.list.query({ ...input, limit: 2 })
  return { caller, client, tasks, cursor: nextCursor ?? '' }
}

test('a cursor of another filter, sort or time zone is refused', async () => {
  const filter = { complete: false, tags: { any: ['tag'] } }
  const { client, cursor } = await readFirstPage({ filter, timeZone: 'Asia/Tokyo' })
  const others: TaskListInput[] = [
    {},
    { filter, timeZone: 'Asia/Seoul' },
    { filter },
    { timeZone: 'Asia/Tokyo' },
    { filter: { complete: false }, timeZone: 'Asia/Tokyo' },
    { filter: { ...filter, trash: 'without' }, timeZone: 'Asia/Tokyo' },
    { filter, timeZone: 'Asia/Tokyo', sort: { by: 'createdAt', direction: 'asc' } },
    { filter, timeZone: 'Asia/Tokyo', sort: { by: 'updatedAt', direction: 'desc' } },
  ]
  for (const other of others) {
    const error = await refused(client.tasks.list.query({ ...other, cursor }))
    expect(error.fields?.map(({ path }) => path)).toEqual(['cursor'])
  }
  // Key order, the default sort and the limit make no difference.
  const same = { tags: { any: ['tag'] }, complete: false }
  const sort = { by: 'createdAt', direction: 'desc' } as const
  const rest = await client.tasks.list.query({ filter: same, timeZone: 'Asia/Tokyo', sort, limit: 100, cursor })
  expect(rest.items.map(({ title }) => title)).toEqual(['b', 'a'])
})

test("another user's cursor and another procedure's cursor are refused", async () => {
  async function firstPages() {
    const { client, caller } = await readFirstPage()
    for (const name of ['one', 'two']) {
      await client.lists.create.mutate({ name })
      await client.tasks.create.mutate({ title: name, tags: [name] })
      await client.keys.create.mutate({ name, scopes: ['account'] })
    }
    const pages = {
      'tasks.list': await client.tasks.list.query({ limit: 1 }),
      'lists.list': await client.lists.list.query({ limit: 1 }),
      'tags.list': await client.tags.list.query({ limit: 1 }),
      'keys.list': await client.keys.list.query({ limit: 1 }),
    }
    return { caller, cursors: Object.entries(pages).map(([path, { nextCursor }]) => [path, nextCursor] as const) }
  }
  const [mine, theirs] = [await firstPages(), await firstPages()]
  for (const [path, own] of mine.cursors) {
    expect((await mine.caller.call(path, { cursor: own })).status).toBe(200)
    for (const [of, cursor] of [...mine.cursors.filter(([other]) => other !== path), ...theirs.cursors]) {
      const { error } = await mine.caller.call(path, { cursor })
      expect([path, of, error?.data.fields?.map((field) => field.path)]).toEqual([path, of, ['cursor']])
    }
  }
})

test('no cursor and null return the first page, for every paged procedure', async () => {
  const { caller } = await readFirstPage()
  for (const path of ['tasks.list', 'lists.list', 'tags.list', 'keys.list']) {
    const [none, first] = [await caller.call(path, {}), await caller.call(path, { cursor: null })]
    expect(first.status).toBe(200)
    expect(first.text).toBe(none.text)
  }
})

test('a cursor works after its row is deleted', async () => {
  const { client, cursor, tasks } = await readFirstPage()
  await client.tasks.purge.mutate({ id: tasks[2]?.id ?? '' })
  const { items } = await client.tasks.list.query({ cursor })
  expect(items.map(({ title }) => title)).toEqual(['b', 'a'])
})

test('tasks with the longest titles can be paged', async () => {
  const { client } = await newCaller(service)
  // Titles that compress as little as possible.
  const rare = (nr: number): string =>
    Array.from({ length: 200 }, (_, at) => String.fromCodePoint(0x20000 + ((nr * 7919 + at * 104_729) % 42_000))).join(
      '',
    )
  const titles = [...[1, 2, 3].map(rare), '"\\'.repeat(100), "'".repeat(200), '\u{10ffff}'.repeat(200)]
  await client.tasks.createMany.mutate({ tasks: titles.map((title) => ({ title })) })
  const found: string[] = []
  for (let cursor: string | undefined; ;) {
    const sort = { by: 'title', direction: 'asc' } as const
    const { items, nextCursor } = await client.tasks.list.query({ sort, limit: 1, cursor })
    found.push(...items.map(({ title }) => title))
    if (nextCursor === null) break
    expect(nextCursor.length).toBeLessThanOrEqual(LIMITS.cursor)
    cursor = nextCursor
  }
  expect(found.toSorted()).toEqual(titles.toSorted())
})

test('a forged cursor is refused', async () => {
  const { caller, client } = await readFirstPage()
  const words = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text).toString('base64url')),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.string().map((text) => `~${text}`),
  )
  const one = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '\0', '\ud800', '0', '5', '-1', '1e3', 'NaN', 'infinity', '-infinity', '80000000', 'xyz'),
    fc.constantFrom('2026-02-31T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '2026-01-01', '2026-01-01T24:00:00.000Z'),
    fc.constantFrom('+012026-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00.000Z'),
    fc.uuid(),
  )
  // The fingerprint is not secret, so the rest of a cursor cannot be trusted.
  const forged = fc
    .tuple(
      fc.constantFrom(...SORTS),
      fc.constantFrom('asc' as const, 'desc' as const),
      fc.oneof({ arbitrary: fc.constantFrom('0', '1'), weight: 4 }, one),
      one,
      fc.oneof({ arbitrary: fc.uuid(), weight: 4 }, one),
      fc.array(one),
    )
    .map(([by, direction, part, value, id, more]) => {
      const sort = { by, direction }
      const key = [part, value, id, ...(more.length > 1 ? more : [])]
      return { sort, cursor: toCursor({ filter: undefined, sort, timeZone: undefined }, caller.user.id, key) }
    })
  const property = fc.asyncProperty(
    fc.oneof(
      words.map((cursor) => ({ cursor })),
      forged,
    ),
    async (input) => {
      const { status, error } = await caller.call('tasks.list', input)
      // A forged cursor with valid parts works, and returns only tasks of the caller.
      if (status === 200) return
      expect(error?.data.fields?.map(({ path }) => path)).toEqual(['cursor'])
    },
  )
  await checkProperty(property, 400)
  expect(await client.tasks.count.query({})).toMatchObject({ total: 4 })
})

test('a cursor with a key that no task can have is refused, for each order', async () => {
  const { caller } = await readFirstPage()
  const times = [
    '2026-02-31T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01',
    'now',
  ]
  const bad = {
    createdAt: [...times, 'infinity'],
    updatedAt: [...times, '-infinity'],
    completedAt: [...times, 'infinity', ''],
    deletedAt: [...times, '-infinity', ''],
    due: ['2026-02-31', '0000-01-01', '2026-1-1', 'infinity', ''],
    priority: ['5', '-1', '', '1.5', 'high'],
    title: ['', 'a\0', '\ud800', 'x'.repeat(401)],
    position: ['', '8000000', 'g0000000', '80000000 '],
  }
  for (const by of SORTS)
    for (const value of bad[by]) {
      const sort = { by, direction: 'asc' as const }
      const queryId = { filter: undefined, sort, timeZone: undefined }
      const rest = by === 'due' ? ['-infinity', caller.user.id] : [caller.user.id]
      const cursor = toCursor(queryId, caller.user.id, ['0', value, ...rest])
      const { status, error } = await caller.call('tasks.list', { sort, cursor })
      expect(status, `${by} ${value}`).toBe(400)
      expect(error?.data.fields?.map(({ path }) => path)).toEqual(['cursor'])
    }
})

test('a cursor needs a part that its order has, and a key of that part', async () => {
  const { caller } = await readFirstPage()
  const { id } = caller.user
  const sort = { by: 'due', direction: 'asc' } as const
  const status = async (...key: string[]): Promise<number> => {
    const cursor = toCursor({ filter: undefined, sort, timeZone: undefined }, id, key)
    return (await caller.call('tasks.list', { sort, cursor })).status
  }
  expect(await status('0', '2026-01-01', '-infinity', id)).toBe(200)
  expect(await status('0', '2026-01-01', '2026-01-01T00:00:00.000Z', id)).toBe(200)
  expect(await status('1', '-infinity', id)).toBe(200)
  for (const key of [
    ['0', '-infinity', id],
    ['0', '2026-01-01', 'infinity', id],
    ['1', '2026-01-01', '-infinity', id],
    ['2', '-infinity', id],
    ['-infinity', id],
  ])
    expect(await status(...key)).toBe(400)
})

test('a limit is 1 to 100, and 50 by default', async () => {
  const { client } = await newCaller(service)
  await client.tasks.createMany.mutate({ tasks: Array.from({ length: 120 }, () => ({ title: 'x' })) })
  for (const [limit, length] of [
    [undefined, 50],
    [1, 1],
    [100, 100],
  ] as const)
    expect((await client.tasks.list.query({ limit })).items).toHaveLength(length)
  for (const limit of [0, -1, 101, 1.5]) {
    const { fields } = await refused(client.tasks.list.query({ limit }))
    expect(fields?.map(({ path }) => path)).toEqual(['limit'])
  }
})
