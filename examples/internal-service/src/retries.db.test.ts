import { startTestService } from '@taskwire/api/testing'
import { type Client, createClient, failureOf } from '@taskwire/client'
import { describe, expect, test } from 'vitest'
import { startLossyProxy } from './testing/lossy-proxy.ts'

const shortRetry = { delayMs: 1 }

/** Reads those parts of the log that a mutation would change if it took effect again. */
async function readHistory(client: Client) {
  const { changes, head } = await client.changes.list.query({ after: 0 })
  return { head, actions: changes.map(({ action, entity }) => `${action} ${entity}`) }
}

describe('a lost reply', () => {
  test('a mutation that was applied is retried, takes effect once and returns the first reply', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 2)
    const direct = createClient({ url: service.url, token })
    const client = createClient({ url: proxy.url, token, retry: shortRetry })

    const task = await client.tasks.create.mutate({ title: 'Buy milk' })
    expect(proxy.forwarded).toHaveLength(3)
    expect(new Set(proxy.forwarded.flat()).size).toBe(1)
    expect(await direct.tasks.get.query({ id: task.id })).toEqual(task)
    expect(await readHistory(direct)).toEqual({ head: task.revision, actions: ['create task'] })
  })

  test('a repeated update does not overwrite a later one', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    const direct = createClient({ url: service.url, token })
    const task = await direct.tasks.create.mutate({ title: 'Buy milk' })
    const client = createClient({
      url: service.url,
      token,
      retry: shortRetry,
      // Another client changes the title between the lost reply and the second attempt.
      fetch: fetchLosingReplies(1, async () => {
        await direct.tasks.update.mutate({ id: task.id, changes: { title: 'Buy oat milk' } })
      }),
    })
    const reply = await client.tasks.update.mutate({ id: task.id, changes: { title: 'Buy bread' } })
    expect(reply.title).toBe('Buy bread')
    expect(await direct.tasks.get.query({ id: task.id })).toMatchObject({ title: 'Buy oat milk' })
  })

  test('each call of a repeated request is applied once', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 1)
    const client = createClient({ url: proxy.url, token, retry: shortRetry })
    const tasks = await Promise.all(
      Array.from({ length: 20 }, (_, n) => client.tasks.create.mutate({ title: `Task ${n}` })),
    )
    expect(tasks.map(({ title }) => title)).toEqual(tasks.map((_, n) => `Task ${n}`))
    expect(await client.tasks.count.query()).toMatchObject({ total: 20 })
    expect(new Set(tasks.map(({ revision }) => revision)).size).toBe(20)
  })

  test('if all replies are lost the call rejects with NETWORK, and the same mutation id succeeds later', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 2)
    const client = createClient({ url: proxy.url, token, retry: { ...shortRetry, attempts: 2 } })
    const input = { title: 'Buy milk', mutationId: '0193a1b2-0000-7000-8000-000000000000' }
    await expect(client.tasks.create.mutate(input).catch(failureOf)).resolves.toMatchObject({
      appCode: 'NETWORK',
      retryable: true,
    })
    const task = await client.tasks.create.mutate(input)
    expect(await client.tasks.list.query()).toMatchObject({ items: [task], revision: task.revision })
  })

  test('a retried keys.create creates no second key, and rejects because the secret is lost', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 1)
    const client = createClient({ url: proxy.url, token, retry: shortRetry })
    const call = client.keys.create.mutate({ name: 'laptop', scopes: ['tasks:read'] })
    await expect(call.catch(failureOf)).resolves.toMatchObject({ appCode: 'MUTATION_APPLIED', retryable: false })
    expect((await client.keys.list.query()).items).toHaveLength(1)
  })
})

describe('a restarting service', () => {
  test('a mutation is applied once, although its reply was lost and the service was down', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using cleanUp = new AsyncDisposableStack()
    const connectionErrors: unknown[] = []
    let attempts = 0
    // The service restarts on another port, since its first one may be taken by then.
    let currentUrl = service.url
    const client = createClient({
      url: service.url,
      token,
      retry: shortRetry,
      async fetch(input, init) {
        attempts++
        if (attempts === 1) {
          await (await fetch(input, init)).text()
          await service.service.close()
          throw new TypeError('the reply is lost')
        }
        // The second attempt finds no service. Before the third, the service starts again on the same database.
        if (attempts === 3) currentUrl = cleanUp.use(await startTestService({ database: service.database })).url
        return await fetch(new Request(input).url.replace(service.url, currentUrl), init).catch((error: unknown) => {
          connectionErrors.push((error as Error).cause)
          throw error
        })
      },
    })
    const task = await client.tasks.create.mutate({ title: 'Buy milk' })
    expect(attempts).toBe(3)
    expect(connectionErrors).toMatchObject([{ code: 'ECONNREFUSED' }])
    expect(await client.tasks.list.query()).toMatchObject({ items: [task], revision: task.revision })
  })
})

/** Returns a fetch that drops the first `lost` replies. For each, it runs `meanwhile` and then fails. */
function fetchLosingReplies(lost: number, meanwhile: () => Promise<void>): typeof fetch {
  let sent = 0
  return async (input, init) => {
    const reply = await fetch(input, init)
    if (++sent > lost) return reply
    await reply.text()
    await meanwhile()
    throw new TypeError('fetch failed')
  }
}
