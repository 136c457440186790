import { QueryClient, QueryClientProvider, QueryObserver } from '@tanstack/react-query'
import { startTestService } from '@taskwire/api/testing'
import { createClient, failureOf } from '@taskwire/client'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { createTasks, keepFresh, type Tasks, useAddTask, useOpenTasks } from './tasks.ts'

interface Page {
  html: string
  open: ReturnType<typeof useOpenTasks>
  add: ReturnType<typeof useAddTask>
}

/** Renders the open tasks with the hooks. */
function render(tasks: Tasks): Page {
  const page: Partial<Page> = {}
  function OpenTasks() {
    const open = useOpenTasks(tasks)
    Object.assign(page, { open, add: useAddTask(tasks) })
    return createElement(
      'ul',
      null,
      open.data?.items.map(({ id, title }) => createElement('li', { key: id }, title)),
    )
  }
  const html = renderToStaticMarkup(
    createElement(QueryClientProvider, { client: tasks.queryClient }, createElement(OpenTasks)),
  )
  // The component has set `open` and `add`.
  return { ...(page as Page), html }
}

test('the page shows the open tasks, including one that it has added', async () => {
  await using service = await startTestService()
  const { token } = await service.signUp()
  const tasks = createTasks(createClient({ url: service.url, token }), new QueryClient())
  const { html, open, add } = render(tasks)
  expect(html).toBe('<ul></ul>')
  await open.refetch()
  await add.mutateAsync({ title: 'Buy milk' })
  // Adding a task has made the list outdated.
  expect(
    tasks.queryClient.getQueryState(tasks.trpc.tasks.list.queryKey({ filter: { complete: false } })),
  ).toMatchObject({
    isInvalidated: true,
  })
  await open.refetch()
  expect(render(tasks).html).toBe('<ul><li>Buy milk</li></ul>')
  tasks.queryClient.clear()
})

test('the page is kept up to date with what another device does', async () => {
  await using service = await startTestService()
  const { token } = await service.signUp()
  const device = createClient({ url: service.url, token })
  const { id } = await device.tasks.create.mutate({ title: 'Buy milk' })
  const tasks = createTasks(createClient({ url: service.url, token }), new QueryClient())
  const { trpc, queryClient } = tasks
  const { revision } = await queryClient.fetchQuery(trpc.tasks.list.queryOptions({ filter: { complete: false } }))
  await queryClient.fetchQuery(trpc.tasks.get.queryOptions({ id }))

  // Stands for a component that shows the list.
  const shown = new QueryObserver(queryClient, trpc.tasks.list.queryOptions({ filter: { complete: false } }))
  const isShown = new Promise<void>((resolve) => {
    shown.subscribe(({ data }) => data?.items[0]?.title === 'Buy oat milk' && resolve())
  })
  const controller = new AbortController()
  const following = keepFresh(tasks, revision, controller.signal)
  await device.tasks.update.mutate({ id, changes: { title: 'Buy oat milk' } })
  await isShown
  expect(queryClient.getQueryData(trpc.tasks.get.queryKey({ id }))).toMatchObject({ title: 'Buy oat milk' })
  controller.abort()
  await following
  shown.destroy()
  queryClient.clear()
})

test('a mutation whose reply was lost is sent again with the mutation id of its error, and takes effect once', async () => {
  await using service = await startTestService()
  const { token } = await service.signUp()
  let isLost = true
  const client = createClient({
    url: service.url,
    token,
    retry: { attempts: 1 },
    async fetch(address, init) {
      const reply = await fetch(address, init)
      if (!isLost || init?.method !== 'POST') return reply
      isLost = false
      throw new TypeError('fetch failed')
    },
  })
  // By default, this app retries mutations.
  const queryClient = new QueryClient({ defaultOptions: { mutations: { retry: 3, retryDelay: 0 } } })
  const { add } = render(createTasks(client, queryClient))
  const input = { title: 'Buy milk' }
  const failure = await add.mutateAsync(input).then(
    () => expect.unreachable('the reply was lost'),
    (error: unknown) => failureOf(error),
  )
  expect(failure).toMatchObject({ appCode: 'NETWORK', mutationId: expect.any(String) })
  await add.mutateAsync({ ...input, mutationId: failure.mutationId })
  expect(await client.tasks.count.query()).toMatchObject({ total: 1 })
  queryClient.clear()
})
