import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ClientOptions, createClient } from './index.ts'
import { type Answer, echo, fakeFetch, hang, refuse } from './testing/fake-fetch.ts'
import { outcome } from './testing/outcome.ts'

const id = '0193a1b2-0000-7000-8000-000000000000'

function setUp(answers: Answer[], options: Partial<ClientOptions> = {}) {
  const { fetch, sent } = fakeFetch(...answers)
  return { client: createClient({ url: 'http://service', token: 'token', fetch, ...options }), sent }
}

const idsOf = (sent: { calls: { input: unknown }[] }[]) =>
  sent.flatMap(({ calls }) => calls.map(({ input }) => (input as { mutationId?: string }).mutationId))

beforeEach(() => {
  vi.useFakeTimers()
  // No jitter by default.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('time-outs', () => {
  test('an attempt ends after timeoutMs: its request is aborted, and the next is sent', async () => {
    const { client, sent } = setUp([hang, echo], { timeoutMs: 3000 })
    const call = client.tasks.create.mutate({ title: 'Buy milk' })
    await vi.advanceTimersByTimeAsync(2999)
    expect(sent[0]?.signal?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent[0]?.signal?.aborted).toBe(true)
    expect(await outcome(call)).toHaveProperty('value')
    expect(idsOf(sent)).toEqual([idsOf(sent)[0], idsOf(sent)[0]])
  })

  test('a call whose attempts all time out rejects with TIMEOUT', async () => {
    const { client, sent } = setUp([hang])
    const started = Date.now()
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'TIMEOUT', message: 'No response within 12000 ms', retryable: true, requestId: '' },
      error: { cause: { name: 'TimeoutError' } },
    })
    expect(sent).toHaveLength(4)
    expect(Date.now() - started).toBe(4 * 12_000 + 200 + 400 + 800)
  })

  test('a timeoutMs of Infinity disables the time-out', async () => {
    const { client, sent } = setUp([hang], { timeoutMs: Infinity })
    const controller = new AbortController()
    const call = client.tasks.get.query({ id }, { signal: controller.signal })
    const rejected = expect(call).rejects.toThrow('The call was aborted')
    await vi.advanceTimersByTimeAsync(7 * 24 * 60 * 60 * 1000)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.signal?.aborted).toBe(false)
    controller.abort()
    await rejected
  })

  test('a call is retried if its response begins but does not end', async () => {
    const endless: Answer = () =>
      new Response(new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from('[')) }))
    const { client } = setUp([endless, echo])
    expect(await outcome(client.tasks.get.query({ id }))).toHaveProperty('value')
  })

  test('a response that arrives after the timeout is ignored', async () => {
    const late: Answer = (request) =>
      new Promise((resolve) => {
        setTimeout(() => resolve(refuse('NOT_FOUND')(request)), 3100)
      })
    const { client, sent } = setUp([late, late, echo], { timeoutMs: 3000 })
    expect(await outcome(client.tasks.get.query({ id }))).toEqual({ value: { echo: { id } } })
    expect(sent).toHaveLength(3)
  })

  test('a token function that does not settle times out as well', async () => {
    const { client, sent } = setUp([echo], { token: () => new Promise(() => {}), retry: { attempts: 1 } })
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({ failure: { appCode: 'TIMEOUT' } })
    expect(sent).toHaveLength(0)
  })
})
