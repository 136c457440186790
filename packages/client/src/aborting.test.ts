import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ClientOptions, createClient } from './index.ts'
import { type Answer, cut, echo, fakeFetch, hang } from './testing/fake-fetch.ts'
import { outcome } from './testing/outcome.ts'

const id = '0193a1b2-0000-7000-8000-000000000000'

function setUp(answers: Answer[], options: Partial<ClientOptions> = {}) {
  const { fetch, sent } = fakeFetch(...answers)
  return { client: createClient({ url: 'http://service', token: 'token', fetch, ...options }), sent }
}

beforeEach(() => {
  vi.useFakeTimers()
  // No jitter by default.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('aborting', () => {
  test('before the call sends nothing', async () => {
    const { client, sent } = setUp([echo])
    const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: AbortSignal.abort() })
    expect(await outcome(call)).toMatchObject({ failure: { appCode: 'ABORTED', retryable: false } })
    expect(sent).toHaveLength(0)
  })

  test('in the tick of the call, before its request, sends nothing', async () => {
    const { client, sent } = setUp([echo])
    const controller = new AbortController()
    const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: controller.signal })
    controller.abort()
    expect(await outcome(call)).toMatchObject({ failure: { appCode: 'ABORTED' } })
    expect(sent).toHaveLength(0)
  })

  test('during a request aborts it, without a retry', async () => {
    const { client, sent } = setUp([hang])
    const controller = new AbortController()
    const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: controller.signal })
    await vi.advanceTimersByTimeAsync(10)
    expect(sent[0]?.signal?.aborted).toBe(false)
    controller.abort()
    expect(await outcome(call)).toMatchObject({
      failure: { appCode: 'ABORTED' },
      error: { cause: { name: 'AbortError' } },
    })
    expect(sent[0]?.signal?.aborted).toBe(true)
    expect(sent).toHaveLength(1)
  })

  test('between two attempts rejects at once and leaves no timer', async () => {
    const { client, sent } = setUp([cut])
    const controller = new AbortController()
    const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: controller.signal })
    const rejected = expect(call).rejects.toThrow('The call was aborted')
    await vi.advanceTimersByTimeAsync(100)
    expect(sent).toHaveLength(1)
    controller.abort()
    await rejected
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([[new Error('navigated away')], ['a text'], [null]])(
    'keeps the reason of the signal as the cause: %s',
    async (reason) => {
      const { client } = setUp([hang])
      const controller = new AbortController()
      const call = client.tasks.get.query({ id }, { signal: controller.signal })
      await vi.advanceTimersByTimeAsync(10)
      controller.abort(reason)
      const result = await outcome(call)
      expect(result).toMatchObject({ failure: { appCode: 'ABORTED', message: 'The call was aborted' } })
      expect((result as { error: Error }).error.cause).toBe(reason)
    },
  )

  test('by a signal that times out rejects with TIMEOUT, not ABORTED', async () => {
    const { client, sent } = setUp([hang])
    const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    // AbortSignal.timeout() aborts in this way, alone and within AbortSignal.any().
    for (const wrap of [(signal: AbortSignal) => signal, (signal: AbortSignal) => AbortSignal.any([signal])]) {
      const controller = new AbortController()
      const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: wrap(controller.signal) })
      await vi.advanceTimersByTimeAsync(10)
      controller.abort(timeout)
      expect(await outcome(call)).toMatchObject({
        failure: { appCode: 'TIMEOUT', requestId: '', retryable: true },
        error: { cause: timeout },
      })
    }
    // The calls are not retried, since their time is over.
    expect(sent).toHaveLength(2)
  })

  test('one call of a request does not abort the others', async () => {
    let answer = (): void => {}
    const pending: Answer = (request) =>
      new Promise((resolve) => {
        answer = () => resolve(echo(request))
      })
    const { client, sent } = setUp([pending])
    const controller = new AbortController()
    const aborted = outcome(client.tasks.get.query({ id }, { signal: controller.signal }))
    const kept = client.tasks.list.query()
    await vi.advanceTimersByTimeAsync(10)
    controller.abort()
    expect(sent[0]?.signal?.aborted).toBe(false)
    answer()
    expect(await outcome(kept)).toEqual({ value: { echo: {} } })
    expect(await aborted).toMatchObject({ failure: { appCode: 'ABORTED' } })
  })

  test('is no longer listened for on a signal whose calls have ended', async () => {
    const { client } = setUp([cut, echo])
    const { signal } = new AbortController()
    await outcome(client.tasks.get.query({ id }, { signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
