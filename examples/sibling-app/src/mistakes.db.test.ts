import { startTestService } from '@taskwire/api/testing'
import { type ClientOptions, createClient, failureOf, TaskwireError } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())
const { token } = await service.signUp()
const { url } = service

const makeClient = (options: Partial<ClientOptions> = {}) => createClient({ url, token, ...options })
const failure = async (call: Promise<unknown>) =>
  await call.then(() => expect.unreachable('the call succeeded'), failureOf)

/** As plain JavaScript may call it. */
interface Untyped {
  tasks: Record<'create' | 'clear' | 'get', Record<'mutate' | 'query', (input?: unknown) => Promise<unknown>>>
}
const untyped = (): Untyped => makeClient() as unknown as Untyped

test('a procedure that there is not is named, with what to do', async () => {
  const [misspelt, task] = await Promise.all([
    failure(untyped().tasks.clear.mutate({})),
    untyped().tasks.create.mutate({ title: 'Buy milk' }),
  ])
  expect(misspelt).toMatchObject({
    appCode: 'CONTRACT_MISMATCH',
    message: expect.stringMatching(/^The service has no procedure tasks\.clear\..* 1\.0\.0 .* 1\.0\.0.*spelt right/),
  })
  // The others of its request are answered all the same.
  expect(task).toMatchObject({ title: 'Buy milk' })
})

test('a query that is sent as a mutation, and the other way round, is told', async () => {
  for (const call of [untyped().tasks.get.mutate({}), untyped().tasks.create.query({ title: 'Buy milk' })])
    expect(await failure(call)).toMatchObject({ appCode: 'VALIDATION', message: expect.stringContaining('GET') })
})

test.each(['/', '/trpc', '/trpc/', '/auth'])('a url that ends in %s is understood', async (end) => {
  const client = makeClient({ url: `${url}${end}` })
  expect(await client.tasks.count.query()).toMatchObject({ complete: 0 })
})

test('a url with a path that leads nowhere is told as such', async () => {
  expect(await failure(makeClient({ url: `${url}/api` }).tasks.count.query())).toMatchObject({
    appCode: 'NOT_FOUND',
    message: expect.stringContaining('/trpc'),
  })
})

test('an input that is wrong, and one that cannot be sent, are told by one class', async () => {
  const wrong: unknown = await makeClient()
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
