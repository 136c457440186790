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
      failure: { appCode: 'TIMEOUT', message: 'No answer came within 12000 ms', retryable: true, requestId: '' },
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
    ['a circle', circular, /circular/],
    ['a getter that throws', throwing, /no title yet/],
    ['a toJSON that throws', { title: { toJSON: () => JSON.parse('') as unknown } }, /Unexpected end/],
  ]

  test.each(inputs)('%s in an input is VALIDATION, and is not sent', async (_name, input, words) => {
    const { client, sent } = setUp([echo])
    const given = input as { title: string }
    for (const call of [() => client.tasks.create.mutate(given), () => client.tasks.list.query(given as object)])
      expect(await outcome<unknown>(call())).toMatchObject({
        failure: {
          appCode: 'VALIDATION',
          retryable: false,
          requestId: '',
          fields: [{ path: '', message: expect.stringMatching(words) }],
        },
      })
    expect(sent).toHaveLength(0)
  })

  test('a function in place of an input', async () => {
    const { client, sent } = setUp([echo])
    const input = (() => ({ id })) as unknown as { id: string }
    expect(await outcome(client.tasks.get.query(input))).toMatchObject({ failure: { appCode: 'VALIDATION' } })
    expect(sent).toHaveLength(0)
  })

  test.each(['a\nb', 'ключ', 'a\u0000', '“quoted”'])(
    'a token with a character that no header may have, %j, is UNAUTHENTICATED, and the error does not show it',
    async (token) => {
      for (const given of [token, () => token]) {
        const { client, sent } = setUp([echo], { token: given })
        const ended = await outcome(client.tasks.get.query({ id }))
        expect(ended).toMatchObject({ failure: { appCode: 'UNAUTHENTICATED', retryable: false, requestId: '' } })
        expect(String((ended as { error: Error }).error)).not.toContain(token)
        expect(sent).toHaveLength(0)
      }
    },
  )

  test('white space at the end of a token does no harm', async () => {
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

  test('a relative url outside of a page, where fetch could never resolve it', async () => {
    const call = createClient({ url: '/tasks' }).tasks.get.query({ id })
    expect(await outcome(call)).toMatchObject({
      failure: { appCode: 'VALIDATION', message: expect.stringContaining('relative') },
    })
  })
})

describe('a token() that fails', () => {
  const asyncly = (cause: unknown) => async () => {
    throw cause
  }
  const atOnce = (cause: unknown) => () => {
    throw cause
  }

  test.each([asyncly, atOnce])('is TOKEN with its cause, and is not asked again', async (failing) => {
    const cause = new Error('the refresh token has ended')
    let asked = 0
    const token = () => (asked++, failing(cause)())
    const { client, sent } = setUp([echo], { token })
    const ended = await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))
    expect(ended).toMatchObject({
      failure: { appCode: 'TOKEN', message: 'token() failed: the refresh token has ended', retryable: false },
    })
    expect((ended as { error: Error }).error.cause).toBe(cause)
    expect([asked, sent.length]).toEqual([1, 0])
  })

  test.each([
    ['says retryable', Object.assign(new Error('the vault is busy'), { retryable: true })],
    ['was a fetch without an answer, in Node', new TypeError('fetch failed')],
    ['was one in Chrome', new TypeError('Failed to fetch')],
    ['was one in Firefox', new TypeError('NetworkError when attempting to fetch resource.')],
    ['was one in Safari', new TypeError('Load failed')],
  ])('is asked again where it %s', async (_name, cause) => {
    let asked = 0
    const { client, sent } = setUp([echo], {
      async token() {
        if (++asked < 3) throw cause
        return 'token'
      },
    })
    expect(await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))).toHaveProperty('value')
    expect([asked, sent.length]).toEqual([3, 1])
  })

  test('as often as any call; then it is TOKEN still', async () => {
    let asked = 0
    const cause = new TypeError('fetch failed')
    const { client } = setUp([echo], { token: () => (asked++, Promise.reject(cause)) })
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'TOKEN', retryable: true },
      error: { cause },
    })
    expect(asked).toBe(4)
  })

  test.each([null, undefined, 'a text', 7, new TypeError('x is undefined')])(
    'with whatever it threw, %s',
    async (cause) => {
      const { client } = setUp([echo], { token: () => Promise.reject(cause) })
      expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
        failure: { appCode: 'TOKEN', retryable: false },
      })
    },
  )
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

  test.each([[new Error('navigated away')], ['a text'], [null]])(
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

  test('by a signal whose time is over: TIMEOUT, told apart from what the caller has cancelled', async () => {
    const { client, sent } = setUp([hang])
    const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    // As AbortSignal.timeout() aborts, by itself and among others.
    for (const wrap of [(signal: AbortSignal) => signal, (signal: AbortSignal) => AbortSignal.any([signal])]) {
      const controller = new AbortController()
      const call = client.tasks.create.mutate({ title: 'Buy milk' }, { signal: wrap(controller.signal) })
      await vi.advanceTimersByTimeAsync(10)
      controller.abort(late)
      expect(await outcome(call)).toMatchObject({
        failure: { appCode: 'TIMEOUT', requestId: '', retryable: true },
        error: { cause: late },
      })
    }
    // Not again by itself: its time is over.
    expect(sent).toHaveLength(2)
  })

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
