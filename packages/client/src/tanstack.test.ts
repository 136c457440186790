import {
  InfiniteQueryObserver,
  MutationObserver,
  onlineManager,
  QueryClient,
  skipToken,
  dehydrate,
  hydrate,
} from '@tanstack/react-query'
import { afterEach, expect, test } from 'vitest'
import { type Client, createClient, TaskwireError } from './index.ts'
import { createQueries, type Queries } from './tanstack.ts'
import { type Answer, cut, echo, fakeFetch, refuse, type Sent } from './testing/fake-fetch.ts'

const id = '0193a1b2-0000-7000-8000-000000000000'

interface SetUp {
  client: Client
  queryClient: QueryClient
  trpc: Queries
  sent: Sent[]
  /** The inputs of all calls. */
  inputs(): unknown[]
}

/** Creates a host whose own defaults retry everything. */
function setUp(...answers: Answer[]): SetUp {
  const { fetch, sent } = fakeFetch(...answers)
  const client = createClient({ url: 'http://service', token: 'token', fetch, retry: { attempts: 2, delayMs: 0 } })
  const retries = { retry: 3, retryDelay: 0, gcTime: Infinity }
  const queryClient = new QueryClient({ defaultOptions: { queries: retries, mutations: retries } })
  const inputs = (): unknown[] => sent.flatMap(({ calls }) => calls.map(({ input }) => input))
  return { client, queryClient, trpc: createQueries({ client, queryClient }), sent, inputs }
}

afterEach(() => onlineManager.setOnline(true))

test('a query sends its input, and its data is cached under its key', async () => {
  const { trpc, queryClient, inputs } = setUp(echo)
  const options = trpc.tasks.list.queryOptions({ filter: { complete: false } })
  const data: unknown = await queryClient.fetchQuery(options)
  expect(data).toEqual({ echo: { filter: { complete: false } } })
  expect(inputs()).toEqual([{ filter: { complete: false } }])
  expect(queryClient.getQueryData(trpc.tasks.list.queryKey({ filter: { complete: false } }))).toBe(data)
  expect(queryClient.getQueryCache().findAll(trpc.tasks.pathFilter())).toHaveLength(1)
  expect(queryClient.getQueryCache().findAll(trpc.lists.pathFilter())).toHaveLength(0)
})

test('only the client retries: a query or a mutation is sent as often as the client is set to', async () => {
  for (const answer of [cut, refuse('UNAVAILABLE')]) {
    const { trpc, queryClient, sent } = setUp(answer)
    await expect(queryClient.fetchQuery(trpc.tasks.get.queryOptions({ id }))).rejects.toBeInstanceOf(TaskwireError)
    expect(sent).toHaveLength(2)
    await expect(mutate(queryClient, trpc)).rejects.toBeInstanceOf(TaskwireError)
    expect(sent).toHaveLength(4)
  }
})

/** Asks TanStack Query for retries. These must not happen, since each would have another mutation id. */
async function mutate(queryClient: QueryClient, trpc: Queries): Promise<unknown> {
  return await new MutationObserver(queryClient, trpc.tasks.create.mutationOptions({ retry: 3 })).mutate({ title: 'x' })
}

test('all attempts of a mutation have the same id, even if the host asks for retries', async () => {
  const { trpc, queryClient, inputs } = setUp(cut, cut, echo)
  await expect(mutate(queryClient, trpc)).rejects.toBeInstanceOf(TaskwireError)
  await mutate(queryClient, trpc)
  const ids = inputs().map((input) => (input as { mutationId: string }).mutationId)
  expect(ids).toEqual([ids[0], ids[0], ids[2]])
  expect(new Set(ids).size).toBe(2)
})

test('a query can ask TanStack Query for retries', async () => {
  const { trpc, queryClient, sent } = setUp(cut)
  const options = trpc.tasks.get.queryOptions({ id }, { retry: 1, retryDelay: 0 })
  await expect(queryClient.fetchQuery(options)).rejects.toBeInstanceOf(TaskwireError)
  expect(sent).toHaveLength(4)
})

test('an infinite query adds only the cursor of each page to its input', async () => {
  const pages: Answer[] = ['2', null].map(
    (nextCursor) => () => Response.json([{ result: { data: { items: [], revision: 1, nextCursor } } }]),
  )
  const { trpc, queryClient, inputs } = setUp(...pages)
  const options = trpc.tasks.list.infiniteQueryOptions({ limit: 10 }, { getNextPageParam: (page) => page.nextCursor })
  const observer = new InfiniteQueryObserver(queryClient, options)
  await observer.fetchOptimistic(options)
  expect((await observer.fetchNextPage()).hasNextPage).toBe(false)
  expect(inputs()).toEqual([{ limit: 10 }, { limit: 10, cursor: '2' }])
})

test('the clients of two spaces share neither queries nor keys', async () => {
  const { client, trpc, queryClient, sent } = setUp(echo)
  const shared = createQueries({ client: client.in(id), queryClient: () => queryClient })
  await queryClient.fetchQuery(trpc.tasks.list.queryOptions())
  await queryClient.fetchQuery(shared.tasks.list.queryOptions())
  expect(sent.map(({ headers }) => headers.get('x-taskwire-space'))).toEqual([null, id])
  expect(queryClient.getQueryCache().findAll(trpc.pathFilter())).toHaveLength(1)
  expect(queryClient.getQueryCache().findAll(shared.pathFilter())).toHaveLength(1)
  expect(shared.tasks.create.mutationKey()).not.toEqual(trpc.tasks.create.mutationKey())
})

test('a query that is skipped sends nothing', async () => {
  const { trpc } = setUp(echo)
  expect(trpc.tasks.get.queryOptions(skipToken).queryFn).toBe(skipToken)
})

test('a mutation that is paused offline is sent once after a reload', async () => {
  const before = setUp(echo)
  onlineManager.setOnline(false)
  const observer = new MutationObserver(before.queryClient, before.trpc.tasks.create.mutationOptions())
  void observer.mutate({ title: 'Buy milk' })
  expect(observer.getCurrentResult().isPaused).toBe(true)
  const stored = JSON.stringify(dehydrate(before.queryClient))
  expect(before.sent).toHaveLength(0)

  const after = setUp(cut, echo)
  after.queryClient.setMutationDefaults(
    after.trpc.tasks.create.mutationKey(),
    after.trpc.tasks.create.mutationOptions(),
  )
  hydrate(after.queryClient, JSON.parse(stored))
  onlineManager.setOnline(true)
  await after.queryClient.resumePausedMutations()
  const [first, second, ...more] = after.inputs()
  expect(first).toEqual({ title: 'Buy milk', mutationId: expect.any(String) })
  expect(second).toEqual(first)
  expect(more).toEqual([])
})

test('a subscription has options with its input', async () => {
  const { trpc } = setUp(echo)
  const { queryKey, subscribe } = trpc.changes.subscribe.subscriptionOptions({ after: 3 })
  expect(queryKey).toContainEqual(['changes', 'subscribe'])
  expect(subscribe).toBeTypeOf('function')
})
