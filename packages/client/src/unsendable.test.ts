import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ClientOptions, createClient } from './index.ts'
import { type Answer, echo, fakeFetch } from './testing/fake-fetch.ts'
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

  test.each(inputs)(
    'a call with %s in its input rejects with VALIDATION and is not sent',
    async (_name, input, message) => {
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
    },
  )

  test('a call with a function as its input rejects with VALIDATION', async () => {
    const { client, sent } = setUp([echo])
    const input = (() => ({ id })) as unknown as { id: string }
    expect(await outcome(client.tasks.get.query(input))).toMatchObject({ failure: { appCode: 'VALIDATION' } })
    expect(sent).toHaveLength(0)
  })

  test.each(['a\nb', 'ключ', 'a\u0000', '“quoted”'])(
    'a token that is not allowed in a header, %j, rejects with UNAUTHENTICATED, and the error does not show the token',
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

  test('an actingAs that is not allowed in a header rejects with FORBIDDEN', async () => {
    const { client, sent } = setUp([echo], { actingAs: 'é\nè' })
    expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
      failure: { appCode: 'FORBIDDEN', message: expect.stringContaining('actingAs') },
    })
    expect(sent).toHaveLength(0)
  })

  test('a relative url outside of a browser page rejects with VALIDATION', async () => {
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

  test.each([rejecting, throwing])(
    'rejects the call with TOKEN and its cause, and is not called again',
    async (failing) => {
      const cause = new Error('the refresh token has expired')
      let calls = 0
      const token = () => (calls++, failing(cause)())
      const { client, sent } = setUp([echo], { token })
      const result = await outcome(client.tasks.create.mutate({ title: 'Buy milk' }))
      expect(result).toMatchObject({
        failure: { appCode: 'TOKEN', message: 'token() failed: the refresh token has expired', retryable: false },
      })
      expect((result as { error: Error }).error.cause).toBe(cause)
      expect([calls, sent.length]).toEqual([1, 0])
    },
  )

  test.each([
    ['has retryable: true', Object.assign(new Error('the vault is busy'), { retryable: true })],
    ['came from a fetch without a response, in Node', new TypeError('fetch failed')],
    ['came from a fetch without a response, in Chrome', new TypeError('Failed to fetch')],
    [
      'came from a fetch without a response, in Firefox',
      new TypeError('NetworkError when attempting to fetch resource.'),
    ],
    ['came from a fetch without a response, in Safari', new TypeError('Load failed')],
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

  test('is called once per attempt of the call, which then rejects with TOKEN', async () => {
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
    'rejects the call with TOKEN for any cause: %s',
    async (cause) => {
      const { client } = setUp([echo], { token: () => Promise.reject(cause) })
      expect(await outcome(client.tasks.get.query({ id }))).toMatchObject({
        failure: { appCode: 'TOKEN', retryable: false },
      })
    },
  )
})
