import { APP_CODES, type KnownAppCode } from '@taskwire/contract/errors'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ClientOptions, createClient, failureOf } from './index.ts'
import { type Answer, cut, echo, fakeFetch, page, refuse } from './testing/fake-fetch.ts'
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

  test('an error has the id of its mutation, so that the caller can repeat it', async () => {
    const { client, sent } = setUp([cut], { retry: { attempts: 1 } })
    const errors = await outcome(
      Promise.all(
        [{ title: 'a' }, { title: 'b' }, { title: 'c', mutationId: id }].map(
          async (input) => await client.tasks.create.mutate(input).catch((error: unknown) => failureOf(error)),
        ),
      ),
    )
    // The three mutations shared one request, and so one failure.
    expect(sent).toHaveLength(1)
    expect(errors).toMatchObject({ value: idsOf(sent).map((mutationId) => ({ appCode: 'NETWORK', mutationId })) })
    expect(idsOf(sent)[2]).toBe(id)
  })

  test('the error of a refused or an aborted mutation has the id too, and the error of a query has none', async () => {
    const { client } = setUp([refuse('NOT_FOUND')])
    const input = { id, mutationId: id }
    const failure = expect.objectContaining({ mutationId: id }) as unknown
    expect(await outcome(client.tasks.delete.mutate(input))).toMatchObject({ error: failure, failure })
    const aborted = client.tasks.delete.mutate(input, { signal: AbortSignal.abort() })
    expect(await outcome(aborted)).toMatchObject({ failure: { appCode: 'ABORTED', mutationId: id } })
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({ failure: { mutationId: undefined } })
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
  ])("if a proxy's page with status %i is the response, there are %i attempts", async (status, attempts) => {
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

  test('is what the service asks for, plus a jittered delay', async () => {
    expect(await delays(refuse('OVERLOADED', { retryAfterMs: 2000 }))).toEqual([2200, 2400, 2800])
    vi.mocked(Math.random).mockReturnValue(0.5)
    expect(await delays(refuse('OVERLOADED', { retryAfterMs: 2000 }))).toEqual([2150, 2300, 2600])
  })

  test("is at least a proxy's Retry-After in seconds; a date is ignored", async () => {
    expect(await delays(page(503, { 'retry-after': '3' }))).toEqual([3200, 3400, 3800])
    expect(await delays(page(503, { 'retry-after': 'Sun, 22 Nov 2026 09:30:00 GMT' }))).toEqual([200, 400, 800])
  })

  test('is not waited for if the service asks for more than maxDelayMs; the failure has this delay', async () => {
    const { client, sent } = setUp([refuse('RATE_LIMITED', { retryAfterMs: 30_000 })])
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'RATE_LIMITED', retryable: true, retryAfterMs: 30_000 },
    })
    expect(sent).toHaveLength(1)
    expect(await delays(page(503, { 'retry-after': '30' }))).toEqual([])
  })
})
