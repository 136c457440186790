import { startTestService } from '@taskwire/api/testing'
import { type Client, createClient, failureOf } from '@taskwire/client'
import { describe, expect, test } from 'vitest'
import { startLossyProxy } from './testing/lossy-proxy.ts'

const soon = { delayMs: 1 }

/** Everything that the account has been through, as one can tell it apart. */
async function history(client: Client) {
  const { changes, head } = await client.changes.list.query({ after: 0 })
  return { head, actions: changes.map(({ action, entity }) => `${action} ${entity}`) }
}

describe('a lost answer', () => {
  test('a mutation that was applied is sent again, has its effect once, and gives the first reply', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 2)
    const direct = createClient({ url: service.url, token })
    const client = createClient({ url: proxy.url, token, retry: soon })

    const task = await client.tasks.create.mutate({ title: 'Buy milk' })
    expect(proxy.passed).toHaveLength(3)
    expect(new Set(proxy.passed.flat()).size).toBe(1)
    expect(await direct.tasks.get.query({ id: task.id })).toEqual(task)
    expect(await history(direct)).toEqual({ head: task.revision, actions: ['create task'] })
  })

  test('a change that is sent again does not undo what came in between', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    const direct = createClient({ url: service.url, token })
    const task = await direct.tasks.create.mutate({ title: 'Buy milk' })
    const client = createClient({
      url: service.url,
      token,
      retry: soon,
      // Another device changes the title between the lost answer and the second try.
      fetch: losesAnswers(1, async () => {
        await direct.tasks.update.mutate({ id: task.id, changes: { title: 'Buy oat milk' } })
      }),
    })
    const reply = await client.tasks.update.mutate({ id: task.id, changes: { title: 'Buy bread' } })
    expect(reply.title).toBe('Buy bread')
    expect(await direct.tasks.get.query({ id: task.id })).toMatchObject({ title: 'Buy oat milk' })
  })

  test('each call of a request is applied once, whichever of them are sent again', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 1)
    const client = createClient({ url: proxy.url, token, retry: soon })
    const tasks = await Promise.all(
      Array.from({ length: 20 }, (_, n) => client.tasks.create.mutate({ title: `Task ${n}` })),
    )
    expect(tasks.map(({ title }) => title)).toEqual(tasks.map((_, n) => `Task ${n}`))
    expect(await client.tasks.count.query()).toMatchObject({ total: 20 })
    expect(new Set(tasks.map(({ revision }) => revision)).size).toBe(20)
  })

  test('when every answer is lost the outcome is not known; the same id settles it later', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 2)
    const client = createClient({ url: proxy.url, token, retry: { ...soon, tries: 2 } })
    const input = { title: 'Buy milk', mutationId: '0193a1b2-0000-7000-8000-000000000000' }
    await expect(client.tasks.create.mutate(input).catch(failureOf)).resolves.toMatchObject({
      appCode: 'NETWORK',
      retryable: true,
    })
    const task = await client.tasks.create.mutate(input)
    expect(await client.tasks.list.query()).toMatchObject({ items: [task], revision: task.revision })
  })

  test('a key that was made is not made again: its secret is lost with the answer, and one is told so', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using proxy = await startLossyProxy(service.url, 1)
    const client = createClient({ url: proxy.url, token, retry: soon })
    const call = client.keys.create.mutate({ name: 'laptop', scopes: ['tasks:read'] })
    await expect(call.catch(failureOf)).resolves.toMatchObject({ appCode: 'MUTATION_APPLIED', retryable: false })
    expect((await client.keys.list.query()).items).toHaveLength(1)
  })
})

describe('a service that restarts', () => {
  test('a mutation under way is applied once, though the answer was lost and the service away', async () => {
    await using service = await startTestService()
    const { token } = await service.signUp()
    await using cleanUp = new AsyncDisposableStack()
    const refusals: unknown[] = []
    let tries = 0
    // It comes back by another port: the one that it had may be somebody else's by then.
    let now = service.url
    const client = createClient({
      url: service.url,
      token,
      retry: soon,
      async fetch(input, init) {
        tries++
        if (tries === 1) {
          await (await fetch(input, init)).text()
          await service.service.close()
          throw new TypeError('the answer is lost')
        }
        // The second try finds nothing there, and the third the same database.
        if (tries === 3) now = cleanUp.use(await startTestService({ database: service.database })).url
        return await fetch(new Request(input).url.replace(service.url, now), init).catch((error: unknown) => {
          refusals.push((error as Error).cause)
          throw error
        })
      },
    })
    const task = await client.tasks.create.mutate({ title: 'Buy milk' })
    expect(tries).toBe(3)
    expect(refusals).toMatchObject([{ code: 'ECONNREFUSED' }])
    expect(await client.tasks.list.query()).toMatchObject({ items: [task], revision: task.revision })
  })
})

/** Asks the service, and loses the first answers, after what happens meanwhile. */
function losesAnswers(lost: number, meanwhile: () => Promise<void>): typeof fetch {
  let asked = 0
  return async (input, init) => {
    const answer = await fetch(input, init)
    if (++asked > lost) return answer
    await answer.text()
    await meanwhile()
    throw new TypeError('fetch failed')
  }
}
