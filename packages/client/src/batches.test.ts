import { LIMITS } from '@taskwire/contract/limits'
import { afterEach, expect, test, vi } from 'vitest'
import { createClient, failureOf } from './index.ts'
import { echo, fakeFetch } from './testing/fake-fetch.ts'

const id = '0193a1b2-0000-7000-8000-000000000000'
const url = 'http://service'

async function failure(call: Promise<unknown>) {
  return await call.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => failureOf(error),
  )
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test('the queries of one tick share a request, as do the mutations, and each call gets its own reply', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  const replies = await Promise.all([
    client.tasks.get.query({ id }),
    client.tasks.create.mutate({ title: 'Buy milk', mutationId: id }),
    client.tasks.list.query({ limit: 2 }),
    client.lists.create.mutate({ name: 'Errands', mutationId: id }),
  ])
  expect(
    sent.map(({ method, url: { pathname, search }, calls }) => [method, pathname, search.slice(0, 8), calls.length]),
  ).toEqual([
    ['GET', '/trpc/tasks.get,tasks.list', '?batch=1', 2],
    ['POST', '/trpc/tasks.create,lists.create', '?batch=1', 2],
  ])
  expect(replies).toEqual([
    { echo: { id } },
    { echo: { title: 'Buy milk', mutationId: id } },
    { echo: { limit: 2 } },
    { echo: { name: 'Errands', mutationId: id } },
  ])
})

test('a request has at most 50 calls', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  await Promise.all(Array.from({ length: 101 }, (_, n) => client.tasks.create.mutate({ title: `Task ${n}` })))
  expect(sent.map(({ calls }) => calls.length)).toEqual([LIMITS.batch, LIMITS.batch, 1])
})

test('a large call gets a request of its own, so that a batch stays below the limit of a body', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  const tasks = Array.from({ length: 500 }, () => ({ title: 'я'.repeat(200), description: '語'.repeat(500) }))
  await Promise.all([
    client.tasks.createMany.mutate({ tasks }),
    client.tasks.create.mutate({ title: 'Buy milk' }),
    client.tasks.create.mutate({ title: 'Buy bread' }),
    client.tasks.createMany.mutate({ tasks }),
  ])
  expect(sent.map(({ calls }) => calls.map(({ path }) => path))).toEqual([
    ['tasks.createMany'],
    ['tasks.create', 'tasks.create'],
    ['tasks.createMany'],
  ])
})

test.each([19_900, 20_100, 39_000])('calls of %i characters each make no body above the limit', async (length) => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  // Three bytes each, the most that a UTF-16 unit takes.
  const input = { tasks: [{ title: '語'.repeat(length) }] }
  await Promise.all(Array.from({ length: LIMITS.batch }, () => client.tasks.createMany.mutate(input)))
  expect(sent.flatMap(({ calls }) => calls)).toHaveLength(LIMITS.batch)
  for (const { bytes } of sent) expect(bytes).toBeLessThan(LIMITS.bodyBytes)
})

test('no URL is longer than 6000 characters', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url: 'https://tasks.example.com/a/path/of/its/own', fetch })
  const search = 'й'.repeat(LIMITS.search)
  await Promise.all(Array.from({ length: 20 }, () => client.tasks.list.query({ filter: { search } })))
  expect(sent.flatMap(({ calls }) => calls)).toHaveLength(20)
  expect(sent.length).toBeGreaterThan(1)
  for (const { url: sentUrl } of sent) expect(sentUrl.href.length).toBeLessThanOrEqual(6000)
})

test('a query that does not fit in a URL rejects with LIMIT_EXCEEDED and is not sent', async () => {
  const { fetch, sent } = fakeFetch(echo)
  const client = createClient({ url, fetch })
  const tagsOf = (length: number) => ({ filter: { tags: { any: Array<string>(50).fill('я'.repeat(length)) } } })
  expect(await failure(client.tasks.list.query(tagsOf(50)))).toMatchObject({
    appCode: 'LIMIT_EXCEEDED',
    retryable: false,
    requestId: '',
    message: expect.stringContaining('narrow the filter'),
  })
  expect(sent).toHaveLength(0)
  // Near the limit, a query is sent or rejects with LIMIT_EXCEEDED. tRPC itself must not refuse it, as that is NETWORK.
  const outcomes = new Set<string>()
  for (let length = 1; length <= LIMITS.search; length++) {
    const filter = { tags: { any: Array<string>(44).fill('я'.repeat(20)) }, search: 'a'.repeat(length) }
    outcomes.add(
      await client.tasks.list.query({ filter }).then(
        () => 'sent',
        (error: unknown) => failureOf(error).appCode,
      ),
    )
  }
  expect([...outcomes]).toEqual(['sent', 'LIMIT_EXCEEDED'])
})
