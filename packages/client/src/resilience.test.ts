import { APP_CODES, type KnownAppCode } from '@taskwire/contract/errors'
import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ClientOptions, createClient, type Failure, failureOf } from './index.ts'
import { type Answer, cut, echo, fakeFetch, hang, page, refuse } from './testing/fake-fetch.ts'

const id = '0193a1b2-0000-7000-8000-000000000000'

function setUp(answers: Answer[], options: Partial<ClientOptions> = {}) {
  const { fetch, sent } = fakeFetch(...answers)
  return { client: createClient({ url: 'http://service', token: 'token', fetch, ...options }), sent }
}

/** Runs every timer until the call has settled, and sees that it leaves none. */
async function outcome<T>(call: Promise<T>): Promise<{ value: T } | { failure: Failure; error: Error }> {
  const settled = call.then(
    (value) => ({ value }),
    (error: unknown) => ({ failure: failureOf(error), error: error as Error }),
  )
  await vi.runAllTimersAsync()
  const ended = await settled
  expect(vi.getTimerCount()).toBe(0)
  return ended
}

const idsOf = (sent: { calls: { input: unknown }[] }[]) =>
  sent.flatMap(({ calls }) => calls.map(({ input }) => (input as { mutationId?: string }).mutationId))

beforeEach(() => {
  vi.useFakeTimers()
  // No jitter unless a test asks for it.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('mutation ids', () => {
  test('a mutation is given an id once, which every try sends with the same input', async () => {
    const { client, sent } = setUp([cut, refuse('UNAVAILABLE'), page(502), echo])
    expect(await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))).toHaveProperty('value')
    const inputs = sent.map(({ calls }) => calls[0]?.input)
    expect(inputs[0]).toEqual({
      title: 'Buy milk',
      mutationId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    })
    expect(inputs).toEqual(Array(4).fill(inputs[0]))
  })

  test("the caller's own id is kept", async () => {
    const { client, sent } = setUp([cut, echo])
    await outcome(client.tasks.create.mutate({ title: 'Buy milk', mutationId: id }))
    expect(idsOf(sent)).toEqual([id, id])
  })

  test('each mutation has another id, and what the caller gave is not written to', async () => {
    const { client, sent } = setUp([echo])
    const input = { title: 'Buy milk', mutationId: undefined }
    await outcome(Promise.all([client.tasks.create.mutate(input), client.tasks.create.mutate(input)]))
    const ids = idsOf(sent)
    expect(new Set(ids).size).toBe(2)
    expect(ids).not.toContain(undefined)
    expect(input).toEqual({ title: 'Buy milk', mutationId: undefined })
  })

  test('a mutation without an input has an id too, and a query has none', async () => {
    const { client, sent } = setUp([echo])
    await outcome(client.me.delete.mutate())
    await outcome(client.tasks.list.query())
    expect(sent.map(({ calls }) => calls[0]?.input)).toEqual([{ mutationId: expect.any(String) }, {}])
  })
})

describe('which failures are sent again', () => {
  const codes = Object.entries(APP_CODES) as [KnownAppCode, (typeof APP_CODES)[KnownAppCode]][]
  test.each(codes)('%s: as the contract says', async (appCode, { retryable }) => {
    const { client, sent } = setUp([refuse(appCode)])
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({ failure: { appCode, retryable } })
    expect(sent).toHaveLength(retryable ? 4 : 1)
  })

  test('what the service says of itself wins over the code: a newer one may know better', async () => {
    const { client, sent } = setUp([
      refuse('SOMETHING_NEW', { retryable: true }),
      refuse('INTERNAL', { retryable: false }),
    ])
    await outcome(client.tasks.get.query({ id }))
    expect(sent).toHaveLength(2)
  })

  test('a cut connection', async () => {
    const { client, sent } = setUp([cut, cut, cut, echo])
    expect(await outcome(client.tasks.get.query({ id }))).toHaveProperty('value')
    expect(sent).toHaveLength(4)
  })

  test.each([
    [500, 4],
    [502, 4],
    [503, 4],
    [504, 4],
    [408, 4],
    [429, 4],
    [200, 4],
    [400, 1],
    [403, 1],
    [404, 1],
    [413, 1],
  ])('a page of a proxy with status %i: %i tries', async (status, tries) => {
    const { client, sent } = setUp([page(status)])
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'NETWORK', retryable: tries > 1 },
      error: { cause: { httpStatus: status } },
    })
    expect(sent).toHaveLength(tries)
  })

  test('only the call that failed, not the others of its request', async () => {
    const { client, sent } = setUp([
      async (request) => {
        const [first, second] = [await echo(request), await refuse('OVERLOADED')(request)]
        const entries = [((await first.json()) as unknown[])[0], ((await second.json()) as unknown[])[1]]
        return Response.json(entries, { status: 207 })
      },
      echo,
    ])
    await outcome(Promise.all([client.tasks.get.query({ id }), client.tasks.list.query()]))
    expect(sent.map(({ calls }) => calls.map(({ path }) => path))).toEqual([
      ['tasks.get', 'tasks.list'],
      ['tasks.list'],
    ])
  })

  test.each([1, 2, 7])('as often as asked: %i tries', async (tries) => {
    const { client, sent } = setUp([cut], { retry: { tries } })
    expect(await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))).toMatchObject({
      failure: { appCode: 'NETWORK' },
    })
    expect(sent).toHaveLength(tries)
  })
})

describe('the wait before a try', () => {
  /** Milliseconds from one request to the next. */
  async function waits(answer: Answer, retry: ClientOptions['retry'] = {}): Promise<number[]> {
    const times: number[] = []
    const { client } = setUp([(request) => (times.push(Date.now()), answer(request))], { retry })
    await outcome(client.tasks.get.query({ id }))
    return times.slice(1).map((time, index) => time - (times[index] ?? 0))
  }

  test('doubles from 200 ms', async () => {
    expect(await waits(cut)).toEqual([200, 400, 800])
  })

  test('doubles from what is asked, up to the longest', async () => {
    expect(await waits(cut, { tries: 7, delayMs: 100, maxDelayMs: 1000 })).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  test('is shorter by up to half, by chance', async () => {
    vi.mocked(Math.random).mockReturnValue(0.999_999)
    expect(await waits(cut)).toEqual([100, 200, 400])
    vi.mocked(Math.random).mockReturnValue(0.5)
    expect(await waits(cut)).toEqual([150, 300, 600])
  })

  test('is the same for what failed together, which is sent again as one request', async () => {
    const { client, sent } = setUp([cut, refuse('OVERLOADED'), echo])
    vi.mocked(Math.random).mockRestore()
    await outcome(Promise.all(Array.from({ length: 10 }, () => client.tasks.list.query())))
    expect(sent.map(({ calls }) => calls.length)).toEqual([10, 10, 10])
  })

  test('is at least what the service asks for, and jittered beyond it', async () => {
    expect(await waits(refuse('OVERLOADED', { retryAfterMs: 2000 }))).toEqual([2200, 2400, 2800])
    vi.mocked(Math.random).mockReturnValue(0.5)
    expect(await waits(refuse('OVERLOADED', { retryAfterMs: 2000 }))).toEqual([2150, 2300, 2600])
  })

  test("is at least a proxy's Retry-After in seconds; a date in it is not read", async () => {
    expect(await waits(page(503, { 'retry-after': '3' }))).toEqual([3200, 3400, 3800])
    expect(await waits(page(503, { 'retry-after': 'Sun, 22 Nov 2026 09:30:00 GMT' }))).toEqual([200, 400, 800])
  })

  test('longer than the longest ends the tries, and the failure says how long', async () => {
    const { client, sent } = setUp([refuse('RATE_LIMITED', { retryAfterMs: 30_000 })])
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'RATE_LIMITED', retryable: true, retryAfterMs: 30_000 },
    })
    expect(sent).toHaveLength(1)
    expect(await waits(page(503, { 'retry-after': '30' }))).toEqual([])
  })
})

describe('time-outs', () => {
  test('a try ends after timeoutMs, its request is cut, and the next is made', async () => {
    const { client, sent } = setUp([hang, echo], { timeoutMs: 3000 })
    const call = client.tasks.create.mutate({ title: 'Buy milk' })
    await vi.advanceTimersByTimeAsync(2999)
    expect(sent[0]?.signal?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent[0]?.signal?.aborted).toBe(true)
    expect(await outcome(call)).toHaveProperty('value')
    expect(idsOf(sent)).toEqual([idsOf(sent)[0], idsOf(sent)[0]])
  })

  test('when all have ended so, the outcome is not known', async () => {
    const { client, sent } = setUp([hang])
    const started = Date.now()
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'NETWORK', message: 'No answer came within 12000 ms', retryable: true },
      error: { cause: { name: 'TimeoutError' } },
    })
    expect(sent).toHaveLength(4)
    expect(Date.now() - started).toBe(4 * 12_000 + 200 + 400 + 800)
  })

  test('Infinity is none', async () => {
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

  test('an answer that begins and does not end is one', async () => {
    const endless: Answer = () =>
      new Response(new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from('[')) }))
    const { client } = setUp([endless, echo])
    expect(await outcome(client.tasks.get.query({ id }))).toHaveProperty('value')
  })

  test('an answer that comes after its time is not heard', async () => {
    const late: Answer = (request) =>
      new Promise((resolve) => {
        setTimeout(() => resolve(refuse('NOT_FOUND')(request)), 3100)
      })
    const { client, sent } = setUp([late, late, echo], { timeoutMs: 3000 })
    expect(await outcome(client.tasks.get.query({ id }))).toEqual({ value: { echo: { id } } })
    expect(sent).toHaveLength(3)
  })

  test('a token function that does not answer is cut off as well', async () => {
    const { client, sent } = setUp([echo], { token: () => new Promise(() => {}), retry: { tries: 1 } })
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({ failure: { appCode: 'NETWORK' } })
    expect(sent).toHaveLength(0)
  })
})

describe('aborting', () => {
  test('before the call: nothing is sent', async () => {
    const { client, sent } = setUp([echo])
    const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: AbortSignal.abort() })
    expect(await outcome(call)).toMatchObject({ failure: { appCode: 'ABORTED', retryable: false } })
    expect(sent).toHaveLength(0)
  })

  test('in the tick of the call, before its request: nothing is sent', async () => {
    const { client, sent } = setUp([echo])
    const controller = new AbortController()
    const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: controller.signal })
    controller.abort()
    expect(await outcome(call)).toMatchObject({ failure: { appCode: 'ABORTED' } })
    expect(sent).toHaveLength(0)
  })

  test('while it is under way: the request is cut and not sent again', async () => {
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

  test('between two tries: at once, with no timer left', async () => {
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

  test.each([[new Error('navigated away')], ['a text'], [new DOMException('too late', 'TimeoutError')]])(
    'whatever the reason, %s, it is told as the cause',
    async (reason) => {
      const { client } = setUp([hang])
      const controller = new AbortController()
      const call = client.tasks.get.query({ id }, { signal: controller.signal })
      await vi.advanceTimersByTimeAsync(10)
      controller.abort(reason)
      const ended = await outcome(call)
      expect(ended).toMatchObject({ failure: { appCode: 'ABORTED', message: 'The call was aborted' } })
      expect((ended as { error: Error }).error.cause).toBe(reason)
    },
  )

  test('one call of a request leaves the others their answer', async () => {
    let answer = (): void => {}
    const held: Answer = (request) =>
      new Promise((resolve) => {
        answer = () => resolve(echo(request))
      })
    const { client, sent } = setUp([held])
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

  test('a signal that outlives its calls is left with no listener of theirs', async () => {
    const { client } = setUp([cut, echo])
    const { signal } = new AbortController()
    await outcome(client.tasks.get.query({ id }, { signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
