import { expectTypeOf, test } from 'vitest'
import {
  type Change,
  createClient,
  type Failure,
  failureOf,
  type FeedItem,
  type FeedStatus,
  type FieldError,
  isTaskwireError,
  type KnownAppCode,
  type List,
  SignInError,
  signUp,
  type Task,
  TaskwireError,
} from './index.ts'

const client = createClient({ url: 'http://localhost:4000' })
const id = '0193a1b2-0000-7000-8000-000000000000'

test('an input without required fields may be left out', () => {
  expectTypeOf(client.me.get.query).toBeCallableWith()
  expectTypeOf(client.me.export.query).toBeCallableWith()
  expectTypeOf(client.me.delete.mutate).toBeCallableWith()
  expectTypeOf(client.system.health.query).toBeCallableWith()
  expectTypeOf(client.tasks.list.query).toBeCallableWith()
  expectTypeOf(client.tasks.count.query).toBeCallableWith()
  expectTypeOf(client.lists.list.query).toBeCallableWith()
  expectTypeOf(client.tags.list.query).toBeCallableWith()
  expectTypeOf(client.keys.list.query).toBeCallableWith()
})

test('every other input is required', () => {
  expectTypeOf(client.tasks.get.query).parameter(0).toEqualTypeOf<{ id: string }>()
  // @ts-expect-error -- an id is required
  void client.tasks.get.query()
  // @ts-expect-error -- a title is required
  void client.tasks.create.mutate({})
  // @ts-expect-error -- after is required
  void client.changes.list.query()
  // @ts-expect-error -- tasks is required
  void client.lists.delete.mutate({ id })
})

test('queries have query only, and mutations mutate only', () => {
  expectTypeOf<keyof typeof client.tasks.get>().toEqualTypeOf<'query'>()
  expectTypeOf<keyof typeof client.tasks.create>().toEqualTypeOf<'mutate'>()
  // @ts-expect-error -- a query
  void client.tasks.get.mutate({ id })
  // @ts-expect-error -- a mutation
  void client.tasks.create.query({ title: 'Buy milk' })
  // @ts-expect-error -- not a subscription
  void client.tasks.list.subscribe()
  // @ts-expect-error -- no such procedure
  void client.tasks.clear.mutate()
})

test('unknown fields and wrong values are refused', () => {
  expectTypeOf(client.tasks.create.mutate).toBeCallableWith({ title: 'Buy milk', priority: 'high' })
  // @ts-expect-error -- no such field
  void client.tasks.create.mutate({ title: 'Buy milk', colour: 'red' })
  // @ts-expect-error -- the owner is never an input
  void client.tasks.create.mutate({ title: 'Buy milk', userId: id })
  // @ts-expect-error -- no such field in a nested object
  void client.tasks.list.query({ filter: { colour: 'red' } })
  // @ts-expect-error -- not a field that an update may change
  void client.tasks.update.mutate({ id, changes: { listId: null } })
  // @ts-expect-error -- no such priority
  void client.tasks.create.mutate({ title: 'Buy milk', priority: 'hugh' })
  // @ts-expect-error -- a time of day needs its zone
  void client.tasks.create.mutate({ title: 'Buy milk', due: { date: '2026-11-22', time: '09:30' } })
  // @ts-expect-error -- this query takes no input
  void client.me.get.query({ id })
  // @ts-expect-error -- no such scope
  void client.keys.create.mutate({ name: 'laptop', scopes: ['admin'] })
})

test('a call accepts a signal', () => {
  const { signal } = new AbortController()
  expectTypeOf(client.tasks.list.query).toBeCallableWith(undefined, { signal })
  expectTypeOf(client.tasks.get.query).toBeCallableWith({ id }, { signal })
})

test('the options of a client are exact', () => {
  expectTypeOf(createClient).toBeCallableWith({ url: '', token: async () => undefined, actingAs: id })
  // The type of localStorage.getItem().
  expectTypeOf(createClient).toBeCallableWith({ url: '', token: () => null as string | null })
  // The type of an environment variable.
  expectTypeOf(createClient).toBeCallableWith({ url: '', token: undefined as string | undefined })
  expectTypeOf(createClient).toBeCallableWith({ url: '', fetch: globalThis.fetch, retry: { attempts: 1 } })
  // @ts-expect-error -- no such option
  createClient({ url: '', retries: 3 })
  // @ts-expect-error -- url is required
  createClient({})
})

test('failureOf returns a closed union: a switch over it is exhaustive, and each case has its own fields', () => {
  const failure = failureOf(new Error('a call failed'))
  expectTypeOf(failure).toEqualTypeOf<Failure>()
  expectTypeOf(failure).not.toBeAny()
  expectTypeOf<Failure['appCode']>().toEqualTypeOf<KnownAppCode | 'OTHER' | 'NETWORK' | 'TOKEN' | 'ABORTED'>()
  expectTypeOf(failure.message).toEqualTypeOf<string>()
  expectTypeOf(failure.retryable).toEqualTypeOf<boolean>()
  expectTypeOf(failure.mutationId).toEqualTypeOf<string | undefined>()
  // @ts-expect-error -- not every failure has a response
  expectTypeOf(failure.requestId).toEqualTypeOf<string>()

  switch (failure.appCode) {
    case 'VALIDATION':
    case 'NOT_FOUND':
      expectTypeOf(failure.fields).toEqualTypeOf<FieldError[]>()
      break
    case 'REVISION_CONFLICT':
    case 'ALREADY_EXISTS':
    case 'IN_TRASH':
      expectTypeOf(failure.current).toEqualTypeOf<Task | List | undefined>()
      break
    case 'MUTATION_APPLIED':
      expectTypeOf(failure.revision).toEqualTypeOf<number>()
      break
    case 'OTHER':
      expectTypeOf(failure.code).toEqualTypeOf<string>()
      break
    case 'RATE_LIMITED':
    case 'OVERLOADED':
    case 'UNAVAILABLE':
    case 'TIMEOUT':
    case 'INTERNAL':
      expectTypeOf(failure.retryAfterMs).toEqualTypeOf<number | undefined>()
      break
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
    case 'USER_UNKNOWN':
    case 'NOT_REVERTIBLE':
    case 'RESYNC_REQUIRED':
    case 'CONTRACT_MISMATCH':
    case 'MUTATION_ID_REUSED':
    case 'LIMIT_EXCEEDED':
      expectTypeOf(failure.requestId).toEqualTypeOf<string>()
      expectTypeOf(failure.httpStatus).toEqualTypeOf<number>()
      break
    case 'NETWORK':
    case 'TOKEN':
    case 'ABORTED':
      expectTypeOf<keyof typeof failure>().toEqualTypeOf<'appCode' | 'message' | 'retryable' | 'mutationId'>()
      break
    default:
      expectTypeOf(failure).toBeNever()
  }
})

test('instanceof narrows to TaskwireError, which has the fields of its failure', () => {
  const error: unknown = undefined
  if (!(error instanceof TaskwireError)) return
  expectTypeOf(error).toEqualTypeOf<TaskwireError>()
  expectTypeOf(error).not.toBeAny()
  expectTypeOf(error).toExtend<Error>()
  expectTypeOf(error.appCode).toEqualTypeOf<Failure['appCode']>()
  expectTypeOf(error.retryable).toEqualTypeOf<boolean>()
  expectTypeOf(error.mutationId).toEqualTypeOf<string | undefined>()
  expectTypeOf(error.requestId).toEqualTypeOf<string | undefined>()
  expectTypeOf(error.httpStatus).toEqualTypeOf<number | undefined>()
  expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>()
  expectTypeOf(error.fields).toEqualTypeOf<FieldError[]>()
  expectTypeOf(error.current).toEqualTypeOf<Task | List | undefined>()
  expectTypeOf(error.revision).toEqualTypeOf<number | undefined>()
  // @ts-expect-error -- no such code
  if (error.appCode === 'NOTFOUND') return
  expectTypeOf(error.data?.appCode).toEqualTypeOf<KnownAppCode | (string & {}) | undefined>()
  expectTypeOf(error.cause).not.toBeAny()
})

test('isTaskwireError narrows to TaskwireError', () => {
  const error: unknown = undefined
  if (!isTaskwireError(error)) return
  expectTypeOf(error).toEqualTypeOf<TaskwireError>()
})

test('a SignInError is a TaskwireError, with the status and code of the sign-in', () => {
  const error: unknown = undefined
  if (!(error instanceof SignInError)) return
  expectTypeOf(error).toEqualTypeOf<SignInError>()
  expectTypeOf(error).toExtend<TaskwireError>()
  expectTypeOf(error.status).toEqualTypeOf<number>()
  expectTypeOf(error.code).toEqualTypeOf<string>()
  expectTypeOf(error.fields).toEqualTypeOf<FieldError[]>()
  expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>()
})

test('signUp accepts a time zone, which may be left out', () => {
  const input = { url: '', email: '', password: '', name: '' }
  expectTypeOf(signUp).toBeCallableWith(input)
  expectTypeOf(signUp).toBeCallableWith({ ...input, timeZone: 'Europe/Berlin' })
  // @ts-expect-error -- no such option
  void signUp({ ...input, zone: 'Europe/Berlin' })
})

test('follow has exact options, and returns the last revision', () => {
  expectTypeOf(client.changes.follow).toBeCallableWith({ onChange() {} })
  expectTypeOf(client.changes.follow).toBeCallableWith({
    after: 3,
    onChange: async (change) => void expectTypeOf(change).toEqualTypeOf<Change>(),
    onStatus: (status) => void expectTypeOf(status).toEqualTypeOf<FeedStatus>(),
    signal: new AbortController().signal,
    silentMs: 20_000,
  })
  expectTypeOf(client.changes.follow).returns.resolves.toEqualTypeOf<number | undefined>()
  // @ts-expect-error -- onChange is required
  void client.changes.follow({ after: 3 })
  // @ts-expect-error -- no such option
  void client.changes.follow({ onChange() {}, from: 3 })
})

test('the state of a feed is a closed union; offline has a cause', () => {
  const status = { state: 'live', since: new Date() } as FeedStatus
  expectTypeOf<FeedStatus['state']>().toEqualTypeOf<'live' | 'catchingUp' | 'offline'>()
  expectTypeOf(status.since).toEqualTypeOf<Date>()
  if (status.state === 'offline') expectTypeOf(status.cause).toEqualTypeOf<Failure>()
  // @ts-expect-error -- only offline has a cause
  else expectTypeOf(status.cause).toBeNever()
})

test('the items of a stream have an id, and their types are an open set', () => {
  const { signal } = new AbortController()
  client.changes.subscribe
    .subscribe(
      { after: 3 },
      {
        onData: (event) => void expectTypeOf(event).toEqualTypeOf<{ id: string; data: FeedItem }>(),
        onError: (error) => void expectTypeOf(error).toEqualTypeOf<TaskwireError>(),
        signal,
      },
    )
    .unsubscribe()
  const item = {} as FeedItem
  expectTypeOf(item.type).toEqualTypeOf<'change' | 'head' | (string & {})>()
  if (item.change !== undefined) expectTypeOf(item.change).toEqualTypeOf<Change>()
  // @ts-expect-error -- a stream is not a query
  void client.changes.subscribe.query()
})
