import { startTestService } from '@taskwire/api/testing'
import { type ClientOptions, createClient, failureOf, TaskwireError } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())
const { token } = await service.signUp()
const { url } = service

const connect = (options: Partial<ClientOptions> = {}) => createClient({ url, token, ...options })
const failureFrom = async (call: Promise<unknown>) =>
  await call.then(() => expect.unreachable('the call succeeded'), failureOf)

/** The client without types, as plain JavaScript sees it. */
interface Untyped {
  tasks: Record<'create' | 'clear' | 'get', Record<'mutate' | 'query', (input?: unknown) => Promise<unknown>>>
}
const untyped = (): Untyped => connect() as unknown as Untyped

test('a call of an unknown procedure rejects with its name and a remedy', async () => {
  const [misspelt, task] = await Promise.all([
    failureFrom(untyped().tasks.clear.mutate({})),
    untyped().tasks.create.mutate({ title: 'Buy milk' }),
  ])
  expect(misspelt).toMatchObject({
    appCode: 'CONTRACT_MISMATCH',
    message: expect.stringMatching(/^The service has no procedure tasks\.clear\..* 1\.\d\S+ .* 1\.\d\S+ .*spelt right/),
  })
  // Other calls of the same request succeed.
  expect(task).toMatchObject({ title: 'Buy milk' })
})

test('a query sent as a mutation, or a mutation as a query, rejects with VALIDATION', async () => {
  for (const call of [untyped().tasks.get.mutate({}), untyped().tasks.create.query({ title: 'Buy milk' })])
    expect(await failureFrom(call)).toMatchObject({ appCode: 'VALIDATION', message: expect.stringContaining('GET') })
})

test.each(['/', '/trpc', '/trpc/', '/auth'])('a url that ends in %s works', async (end) => {
  const client = connect({ url: `${url}${end}` })
  expect(await client.tasks.count.query()).toMatchObject({ complete: 0 })
})

test('with a wrong path in the url, a call rejects with NOT_FOUND', async () => {
  expect(await failureFrom(connect({ url: `${url}/api` }).tasks.count.query())).toMatchObject({
    appCode: 'NOT_FOUND',
    message: expect.stringContaining('/trpc'),
  })
})

test('an invalid input, and one that cannot be sent, reject with errors of the same class', async () => {
  const wrong: unknown = await connect()
    .tasks.create.mutate({ title: '' })
    .catch((error: unknown) => error)
  expect(wrong).toBeInstanceOf(TaskwireError)
  expect(wrong).toMatchObject({
    appCode: 'VALIDATION',
    fields: [{ path: 'title' }],
    requestId: expect.stringMatching(/./),
  })
  const unsent: unknown = await untyped()
    .tasks.create.mutate({ title: 1n })
    .catch((error: unknown) => error)
  expect(unsent).toBeInstanceOf(TaskwireError)
  expect(unsent).toMatchObject({ appCode: 'VALIDATION', fields: [{ path: '' }], requestId: undefined })
})
