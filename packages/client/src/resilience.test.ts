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

/** Runs all timers until the call has settled, and checks that none is left. */
async function outcome<T>(call: Promise<T>): Promise<{ value: T } | { failure: Failure; error: Error }> {
  const settled = call.then(
    (value) => ({ value }),
    (error: unknown) => ({ failure: failureOf(error), error: error as Error }),
  )
  await vi.runAllTimersAsync()
  const result = await settled
  expect(vi.getTimerCount()).toBe(0)
  return result
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

describe('mutation ids', () => {
  test('a mutation gets an id once, and every attempt sends it with the same input', async () => {
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

  test('each mutation has an id of its own, and the caller’s input is not modified', async () => {
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

describe('which failures are retried', () => {
  const codes = Object.entries(APP_CODES) as [KnownAppCode, (typeof APP_CODES)[KnownAppCode]][]
  test.each(codes)('%s is retried if the contract says so', async (appCode, { retryable }) => {
    const { client, sent } = setUp([refuse(appCode)])
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({ failure: { appCode, retryable } })
    expect(sent).toHaveLength(retryable ? 4 : 1)
  })

  test('the field retryable of a reply takes precedence over the code', async () => {
    const { client, sent } = setUp([
      refuse('SOMETHING_NEW', { retryable: true }),
      refuse('INTERNAL', { retryable: false }),
    ])
    await outcome(client.tasks.get.query({ id }))
    expect(sent).toHaveLength(2)
  })

  test('a lost connection is retried', async () => {
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
  ])('a page of a proxy with status %i: %i attempts', async (status, attempts) => {
    const { client, sent } = setUp([page(status)])
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'NETWORK', retryable: attempts > 1 },
      error: { cause: { httpStatus: status } },
    })
    expect(sent).toHaveLength(attempts)
  })

  test('only the call that failed is retried, not the others of its request', async () => {
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

  test.each([1, 2, 7])('a call is attempted as often as retry.attempts says: %i', async (attempts) => {
    const { client, sent } = setUp([cut], { retry: { attempts } })
    expect(await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))).toMatchObject({
      failure: { appCode: 'NETWORK' },
    })
    expect(sent).toHaveLength(attempts)
  })
})

describe('the delay before a retry', () => {
  /** Milliseconds from one request to the next. */
  async function delays(answer: Answer, retry: ClientOptions['retry'] = {}): Promise<number[]> {
    const times: number[] = []
    const { client } = setUp([(request) => (times.push(Date.now()), answer(request))], { retry })
    await outcome(client.tasks.get.query({ id }))
    return times.slice(1).map((time, index) => time - (times[index] ?? 0))
  }

  test('doubles from 200 ms', async () => {
    expect(await delays(cut)).toEqual([200, 400, 800])
  })

  test('doubles from delayMs up to maxDelayMs', async () => {
    expect(await delays(cut, { attempts: 7, delayMs: 100, maxDelayMs: 1000 })).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  test('is shortened by up to half at random', async () => {
    vi.mocked(Math.random).mockReturnValue(0.999_999)
    expect(await delays(cut)).toEqual([100, 200, 400])
    vi.mocked(Math.random).mockReturnValue(0.5)
    expect(await delays(cut)).toEqual([150, 300, 600])
  })

  test('is the same for calls that failed together, which are retried in one request', async () => {
    const { client, sent } = setUp([cut, refuse('OVERLOADED'), echo])
    vi.mocked(Math.random).mockRestore()
    await outcome(Promise.all(Array.from({ length: 10 }, () => client.tasks.list.query())))
    expect(sent.map(({ calls }) => calls.length)).toEqual([10, 10, 10])
  })

  test('is at least what the service asks for, and jittered above it', async () => {
    expect(await delays(refuse('OVERLOADED', { retryAfterMs: 2000 }))).toEqual([2200, 2400, 2800])
    vi.mocked(Math.random).mockReturnValue(0.5)
    expect(await delays(refuse('OVERLOADED', { retryAfterMs: 2000 }))).toEqual([2150, 2300, 2600])
  })

  test("is at least a proxy's Retry-After in seconds; a date is ignored", async () => {
    expect(await delays(page(503, { 'retry-after': '3' }))).toEqual([3200, 3400, 3800])
    expect(await delays(page(503, { 'retry-after': 'Sun, 22 Nov 2026 09:30:00 GMT' }))).toEqual([200, 400, 800])
  })

  test('is not waited for if it is above maxDelayMs, and the failure has it', async () => {
    const { client, sent } = setUp([refuse('RATE_LIMITED', { retryAfterMs: 30_000 })])
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'RATE_LIMITED', retryable: true, retryAfterMs: 30_000 },
    })
    expect(sent).toHaveLength(1)
    expect(await delays(page(503, { 'retry-after': '30' }))).toEqual([])
  })
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

  test('a call whose attempts all timed out is TIMEOUT', async () => {
    const { client, sent } = setUp([hang])
    const started = Date.now()
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'TIMEOUT', message: 'No response within 12000 ms', retryable: true, requestId: '' },
      error: { cause: { name: 'TimeoutError' } },
    })
    expect(sent).toHaveLength(4)
    expect(Date.now() - started).toBe(4 * 12_000 + 200 + 400 + 800)
  })

  test('Infinity disables it', async () => {
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

  test('a response that begins and does not end is retried', async () => {
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

describe('what cannot be sent', () => {
  const circular: { title: unknown } = { title: undefined }
  circular.title = circular
  const throwing = {
    get title(): string {
      throw new Error('no title yet')
    },
  }
  const inputs: [string, unknown, RegExp][] = [
    ['a BigInt', { title: 12n }, /BigInt/],
    ['a circular object', circular, /circular/],
    ['a getter that throws', throwing, /no title yet/],
    ['a toJSON that throws', { title: { toJSON: () => JSON.parse('') as unknown } }, /Unexpected end/],
  ]

  test.each(inputs)('%s in an input is VALIDATION, and is not sent', async (_name, input, message) => {
    const { client, sent } = setUp([echo])
    const typed = input as { title: string }
    for (const call of [() => client.tasks.create.mutate(typed), () => client.tasks.list.query(typed as object)])
      expect(await outcome<unknown>(call())).toMatchObject({
        failure: {
          appCode: 'VALIDATION',
          retryable: false,
          requestId: '',
          fields: [{ path: '', message: expect.stringMatching(message) }],
        },
      })
    expect(sent).toHaveLength(0)
  })

  test('a function as an input is VALIDATION', async () => {
    const { client, sent } = setUp([echo])
    const input = (() => ({ id })) as unknown as { id: string }
    expect(await outcome(client.tasks.get.query(input))).toMatchObject({ failure: { appCode: 'VALIDATION' } })
    expect(sent).toHaveLength(0)
  })

  test.each(['a\nb', 'ключ', 'a\u0000', '“quoted”'])(
    'a token with a character that is not allowed in a header, %j, is UNAUTHENTICATED, and the error does not show it',
    async (token) => {
      for (const option of [token, () => token]) {
        const { client, sent } = setUp([echo], { token: option })
        const result = await outcome(client.tasks.get.query({ id }))
        expect(result).toMatchObject({ failure: { appCode: 'UNAUTHENTICATED', retryable: false, requestId: '' } })
        expect(String((result as { error: Error }).error)).not.toContain(token)
        expect(sent).toHaveLength(0)
      }
    },
  )

  test('white space at the end of a token is ignored', async () => {
    const { client, sent } = setUp([echo], { token: 'secret\n' })
    expect(await outcome(client.tasks.get.query({ id }))).toHaveProperty('value')
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer secret')
  })

  test('such a character in actingAs is FORBIDDEN', async () => {
    const { client, sent } = setUp([echo], { actingAs: 'é\nè' })
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'FORBIDDEN', message: expect.stringContaining('actingAs') },
    })
    expect(sent).toHaveLength(0)
  })

  test('a relative url outside of a browser page is VALIDATION', async () => {
    const call = createClient({ url: '/tasks' }).tasks.get.query({ id })
    expect(await outcome(call)).toMatchObject({
      failure: { appCode: 'VALIDATION', message: expect.stringContaining('relative') },
    })
  })
})

describe('a token() that fails', () => {
  const rejecting = (cause: unknown) => async () => {
    throw cause
  }
  const throwing = (cause: unknown) => () => {
    throw cause
  }

  test.each([rejecting, throwing])('is TOKEN with its cause, and is not called again', async (failing) => {
    const cause = new Error('the refresh token has ended')
    let calls = 0
    const token = () => (calls++, failing(cause)())
    const { client, sent } = setUp([echo], { token })
    const result = await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))
    expect(result).toMatchObject({
      failure: { appCode: 'TOKEN', message: 'token() failed: the refresh token has ended', retryable: false },
    })
    expect((result as { error: Error }).error.cause).toBe(cause)
    expect([calls, sent.length]).toEqual([1, 0])
  })

  test.each([
    ['has retryable: true', Object.assign(new Error('the vault is busy'), { retryable: true })],
    ['came from a fetch without a response, in Node', new TypeError('fetch failed')],
    ['came from one in Chrome', new TypeError('Failed to fetch')],
    ['came from one in Firefox', new TypeError('NetworkError when attempting to fetch resource.')],
    ['came from one in Safari', new TypeError('Load failed')],
  ])('is called again if its error %s', async (_name, cause) => {
    let calls = 0
    const { client, sent } = setUp([echo], {
      async token() {
        if (++calls < 3) throw cause
        return 'token'
      },
    })
    expect(await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))).toHaveProperty('value')
    expect([calls, sent.length]).toEqual([3, 1])
  })

  test('is called as often as any call is sent, and is then TOKEN', async () => {
    let calls = 0
    const cause = new TypeError('fetch failed')
    const { client } = setUp([echo], { token: () => (calls++, Promise.reject(cause)) })
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'TOKEN', retryable: true },
      error: { cause },
    })
    expect(calls).toBe(4)
  })

  test.each([null, undefined, 'a text', 7, new TypeError('x is undefined')])(
    'is TOKEN with any cause: %s',
    async (cause) => {
      const { client } = setUp([echo], { token: () => Promise.reject(cause) })
      expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
        failure: { appCode: 'TOKEN', retryable: false },
      })
    },
  )
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

  test('by the timeout of a signal is TIMEOUT, not ABORTED', async () => {
    const { client, sent } = setUp([hang])
    const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    // As AbortSignal.timeout() aborts, alone and within AbortSignal.any().
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
    // Not retried: its time is over.
    expect(sent).toHaveLength(2)
  })

  test('one call of a request does not affect the others', async () => {
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

  test('leaves no listener on a signal that outlives its calls', async () => {
    const { client } = setUp([cut, echo])
    const { signal } = new AbortController()
    await outcome(client.tasks.get.query({ id }, { signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
