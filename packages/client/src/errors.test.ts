import { APP_CODES } from '@taskwire/contract/errors'
import { expect, test } from 'vitest'
import { createClient, failureOf, isTaskwireError, SignInError } from './index.ts'
import { type Answer, fakeFetch, refuse } from './testing/fake-fetch.ts'

async function rejection(answer: Answer): Promise<unknown> {
  const { fetch } = fakeFetch(answer)
  const client = createClient({ url: 'http://service', fetch, retry: { tries: 1 } })
  return await client.me.get.query().then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  )
}

test.each(Object.entries(APP_CODES))(
  '%s is told with its status, message and request',
  async (appCode, { httpStatus, retryable }) => {
    const failure = failureOf(await rejection(refuse(appCode)))
    expect(failure).toMatchObject({
      appCode,
      httpStatus,
      retryable,
      requestId: 'request-1',
      message: `refused: ${appCode}`,
    })
  },
)

test('a refused input is told by its fields', async () => {
  const fields = [{ path: 'tasks.3.due.timeZone', message: 'is not a time zone' }]
  expect(failureOf(await rejection(refuse('VALIDATION', { fields })))).toMatchObject({ fields })
  expect(failureOf(await rejection(refuse('VALIDATION')))).toMatchObject({ fields: [] })
})

test.each(['REVISION_CONFLICT', 'ALREADY_EXISTS', 'IN_TRASH'])(
  '%s brings the row, where there is one',
  async (appCode) => {
    expect(failureOf(await rejection(refuse(appCode, { current: { id: 'a' } })))).toMatchObject({
      current: { id: 'a' },
    })
    expect(failureOf(await rejection(refuse(appCode)))).toMatchObject({ current: undefined })
  },
)

test('MUTATION_APPLIED brings the revision', async () => {
  expect(failureOf(await rejection(refuse('MUTATION_APPLIED', { revision: 7 })))).toMatchObject({ revision: 7 })
})

test.each(['SOMETHING_NEW', 'constructor', '__proto__', 'toString', ''])(
  'a code that is not known here, %j, is OTHER, with what tRPC calls it',
  async (appCode) => {
    const refusal = refuse(appCode, { code: 'CONFLICT', httpStatus: 409, retryable: false })
    expect(failureOf(await rejection(refusal))).toEqual({
      appCode: 'OTHER',
      code: 'CONFLICT',
      httpStatus: 409,
      requestId: 'request-1',
      retryable: false,
      retryAfterMs: undefined,
      message: `refused: ${appCode}`,
    })
  },
)

test.each([
  ['a mistake in code', new TypeError('x is undefined')],
  ['a refused sign-in', new SignInError({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD', message: 'Invalid' })],
  ['a text', 'thrown'],
  ['nothing', undefined],
])('what is no failure of a call is thrown again: %s', (_name, error) => {
  expect(isTaskwireError(error)).toBe(false)
  let thrown: unknown = 'nothing was thrown'
  try {
    failureOf(error)
  } catch (caught) {
    thrown = caught
  }
  expect(thrown).toBe(error)
})

test("an error of another copy of tRPC's client is one too", () => {
  class TRPCClientError extends Error {
    override name = 'TRPCClientError'
    data = { appCode: 'NOT_FOUND', code: 'NOT_FOUND', httpStatus: 404, requestId: 'r', retryable: false }
  }
  const error = new TRPCClientError('There is no such task')
  expect(isTaskwireError(error)).toBe(true)
  expect(failureOf(error)).toMatchObject({ appCode: 'NOT_FOUND', message: 'There is no such task' })
})
