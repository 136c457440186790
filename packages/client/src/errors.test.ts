import { APP_CODES } from '@taskwire/contract/errors'
import { TRPCClientError } from '@trpc/client'
import { expect, test, vi } from 'vitest'
import { createClient, failureOf, isTaskwireError, signIn, SignInError, TaskwireError } from './index.ts'
import { type Answer, cut, fakeFetch, page, refuse, refused } from './testing/fake-fetch.ts'

async function rejection(answer: Answer): Promise<unknown> {
  const { fetch } = fakeFetch(answer)
  const client = createClient({ url: 'http://service', fetch, retry: { attempts: 1 } })
  return await client.me.get.query().then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  )
}

test.each(Object.entries(APP_CODES))(
  '%s has its status, message and request id',
  async (appCode, { httpStatus, retryable }) => {
    const failure = failureOf(await rejection(refuse(appCode)))
    expect(failure).toMatchObject({
      appCode,
      httpStatus,
      retryable,
      requestId: 'request-1',
      message: expect.stringContaining(`refused: ${appCode}`),
    })
  },
)

test('VALIDATION has the fields', async () => {
  const fields = [{ path: 'tasks.3.due.timeZone', message: 'is not a time zone' }]
  expect(failureOf(await rejection(refuse('VALIDATION', { fields })))).toMatchObject({ fields })
  expect(failureOf(await rejection(refuse('VALIDATION')))).toMatchObject({ fields: [] })
})

test.each(['REVISION_CONFLICT', 'ALREADY_EXISTS', 'IN_TRASH'])(
  '%s has the current row, if there is one',
  async (appCode) => {
    expect(failureOf(await rejection(refuse(appCode, { current: { id: 'a' } })))).toMatchObject({
      current: { id: 'a' },
    })
    expect(failureOf(await rejection(refuse(appCode)))).toMatchObject({ current: undefined })
  },
)

test('MUTATION_APPLIED has the revision', async () => {
  expect(failureOf(await rejection(refuse('MUTATION_APPLIED', { revision: 7 })))).toMatchObject({ revision: 7 })
})

test.each(['SOMETHING_NEW', 'constructor', '__proto__', 'toString', ''])(
  'for an unknown code, %j, the failure is OTHER and has the code of tRPC',
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
  ['an error of another tRPC client', new TRPCClientError('There is no such task')],
  ['an error of the same name', Object.assign(new Error('of another library'), { name: 'TaskwireError' })],
  ['a text', 'thrown'],
  ['nothing', undefined],
])('failureOf throws other errors again: %s', (_name, error) => {
  expect(isTaskwireError(error)).toBe(false)
  let thrown: unknown = 'nothing was thrown'
  try {
    failureOf(error)
  } catch (caught) {
    thrown = caught
  }
  expect(thrown).toBe(error)
})

const url = 'http://service'
const retry = { attempts: 1 }
test.each<[string, (answer: Answer) => Promise<unknown>]>([
  ['a query', (answer) => createClient({ url, retry, ...fakeFetch(answer) }).me.get.query()],
  ['a mutation', (answer) => createClient({ url, retry, ...fakeFetch(answer) }).me.delete.mutate()],
  ['signing in', (answer) => signIn({ url, email: 'a@example.com', password: 'p', ...fakeFetch(answer) })],
])('%s rejects with a TaskwireError for every kind of failure', async (_name, call) => {
  const fields = [{ path: 'title', message: 'is empty' }]
  for (const [answer, appCode] of [
    [() => Response.json(refused('VALIDATION', { fields }), { status: 400 }), 'VALIDATION'],
    [cut, 'NETWORK'],
    [page(502), 'NETWORK'],
    [page(200), 'NETWORK'],
  ] as const) {
    const error = await call(answer).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TaskwireError)
    expect(error).toMatchObject({ appCode, fields: appCode === 'VALIDATION' ? fields : [] })
  }
})

test('a TaskwireError has the fields of its failure, and is a TRPCClientError', async () => {
  const current = { id: 'a', revision: 7 }
  const error = await rejection(refuse('REVISION_CONFLICT', { current, retryAfterMs: 3 }))
  expect(error).toBeInstanceOf(TaskwireError)
  expect(error).toBeInstanceOf(TRPCClientError)
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({
    name: 'TaskwireError',
    message: 'refused: REVISION_CONFLICT',
    appCode: 'REVISION_CONFLICT',
    retryable: false,
    requestId: 'request-1',
    httpStatus: 409,
    retryAfterMs: 3,
    fields: [],
    current,
    data: { appCode: 'REVISION_CONFLICT', current },
  })
  expect(await rejection(refuse('SOMETHING_NEW'))).toMatchObject({
    appCode: 'OTHER',
    data: { appCode: 'SOMETHING_NEW' },
  })
  expect(await rejection(cut)).toMatchObject({ appCode: 'NETWORK', retryable: true, requestId: undefined })
})

test('follow and subscribe reject with a TaskwireError too', async () => {
  const { fetch } = fakeFetch(() => Response.json(refused('UNAUTHENTICATED'), { status: 401 }))
  const client = createClient({ url, fetch })
  await expect(client.changes.follow({ onChange() {} })).rejects.toBeInstanceOf(TaskwireError)
  const failed = new Promise((onError) => client.changes.subscribe.subscribe(undefined, { onData() {}, onError }))
  expect(await failed).toBeInstanceOf(TaskwireError)
})

test.each([
  [401, 'INVALID_EMAIL_OR_PASSWORD', 'UNAUTHENTICATED'],
  [422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL', 'ALREADY_EXISTS'],
  [429, 'RATE_LIMITED', 'RATE_LIMITED'],
  [503, 'UNAVAILABLE', 'UNAVAILABLE'],
  [413, 'PAYLOAD_TOO_LARGE', 'OTHER'],
])('a failed sign-in with status %i and code %s has the appCode %s', async (status, code, appCode) => {
  const headers = { 'x-request-id': 'request-1' }
  const { fetch } = fakeFetch(() => Response.json({ code, message: 'refused' }, { status, headers }))
  const error: unknown = await signIn({ url, email: 'a@example.com', password: 'p', fetch }).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(SignInError)
  expect(error).toMatchObject({ status, code })
  expect(failureOf(error)).toMatchObject({
    appCode,
    message: 'refused',
    httpStatus: status,
    requestId: 'request-1',
    retryable: status >= 429,
    ...(appCode === 'OTHER' ? { code } : {}),
  })
})

test('isTaskwireError is true for errors of another copy of this package', async () => {
  vi.resetModules()
  const other = await import('./index.ts')
  const { fetch } = fakeFetch(refuse('NOT_FOUND'))
  const error: unknown = await other
    .createClient({ url, fetch })
    .me.get.query()
    .catch((caught: unknown) => caught)
  expect(error).not.toBeInstanceOf(TaskwireError)
  expect(isTaskwireError(error)).toBe(true)
  expect(failureOf(error)).toMatchObject({ appCode: 'NOT_FOUND', requestId: 'request-1' })
})
