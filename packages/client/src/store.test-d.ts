import { expectTypeOf, test } from 'vitest'
import {
  type Client,
  type Counts,
  createClient,
  type Failure,
  type FieldError,
  type List,
  type TagCount,
  type Task,
  type TaskFilter,
  type TaskSort,
} from './index.ts'
import {
  type Edit,
  type FieldConflict,
  type Live,
  openStore,
  type Refusal,
  type Store,
  StoreError,
  type StoreErrorCode,
  type SyncState,
  type SyncStatus,
} from './store.ts'

declare const store: Store
const client = createClient({ url: 'http://localhost:4000' })
const id = '0193a1b2-0000-7000-8000-000000000000'

test('a store is opened with a client, and by default for the account that was open last', () => {
  expectTypeOf(openStore).parameter(0).toEqualTypeOf<{ client: Client; account?: string | undefined }>()
  expectTypeOf(openStore).toBeCallableWith({ client })
  expectTypeOf(openStore).toBeCallableWith({ client, account: id })
  expectTypeOf(openStore).returns.resolves.toEqualTypeOf<Store>()
  // @ts-expect-error -- a client is required
  void openStore({})
  // @ts-expect-error -- no such option
  void openStore({ client, user: id })
})

test('queries are live values of the types of the contract', () => {
  expectTypeOf(store.tasks.query).parameter(0).toEqualTypeOf<TaskFilter | undefined>()
  expectTypeOf(store.tasks.query).parameter(1).toEqualTypeOf<TaskSort | undefined>()
  expectTypeOf(store.tasks.query({ complete: false })).toEqualTypeOf<Live<readonly Task[]>>()
  expectTypeOf(store.tasks.get(id)).toEqualTypeOf<Live<Task | undefined>>()
  expectTypeOf(store.tasks.count()).toEqualTypeOf<Live<Counts>>()
  expectTypeOf(store.tasks.tags()).toEqualTypeOf<Live<readonly TagCount[]>>()
  expectTypeOf(store.lists.query()).toEqualTypeOf<Live<readonly List[]>>()
  expectTypeOf(store.sync).toEqualTypeOf<Live<SyncStatus>>()
  expectTypeOf<Live<Task>['get']>().toEqualTypeOf<() => Task>()
  expectTypeOf<Live<Task>['subscribe']>().toEqualTypeOf<(listener: () => void) => () => void>()
  // @ts-expect-error -- no such field
  store.tasks.query({ colour: 'red' })
  // @ts-expect-error -- no such order
  store.tasks.query({}, { by: 'colour', direction: 'asc' })
})

test('edits take what the mutations take, without what the store adds', () => {
  expectTypeOf(store.tasks.create).toBeCallableWith({ title: 'Buy milk', due: { date: '2026-12-01' } })
  expectTypeOf(store.tasks.create).returns.resolves.toEqualTypeOf<Task>()
  expectTypeOf(store.tasks.update).toBeCallableWith(id, { dueDate: '2026-12-01' })
  expectTypeOf(store.tasks.update).returns.resolves.toEqualTypeOf<void>()
  expectTypeOf(store.tasks.complete).parameters.toEqualTypeOf<[id: string, complete?: boolean | undefined]>()
  expectTypeOf(store.tasks.move).toBeCallableWith(id, { listId: null, after: null })
  expectTypeOf(store.lists.create).returns.resolves.toEqualTypeOf<List>()
  expectTypeOf(store.lists.delete).parameters.toEqualTypeOf<[id: string, tasks: 'inbox' | 'trash']>()
  expectTypeOf(store.erase).parameter(0).toEqualTypeOf<{ unsent: 'discard' } | undefined>()
  // @ts-expect-error -- a title is required
  void store.tasks.create({})
  // @ts-expect-error -- the store makes the mutation id
  void store.tasks.create({ title: 'Buy milk', mutationId: id })
  // @ts-expect-error -- not an input
  void store.tasks.update(id, { completedAt: '2026-12-01T00:00:00.000Z' })
})

test('the status has exact types, and its edits know their state', () => {
  const status = store.sync.get()
  expectTypeOf(status.state).toEqualTypeOf<SyncState>()
  expectTypeOf<SyncState>().toEqualTypeOf<
    'loading' | 'live' | 'catchingUp' | 'offline' | 'signedOut' | 'otherAccount' | 'outdated' | 'closed'
  >()
  expectTypeOf(status.since).toEqualTypeOf<Date>()
  expectTypeOf(status.lastSynced).toEqualTypeOf<Date | null>()
  expectTypeOf(status.evicted).toEqualTypeOf<number>()
  const { failing } = status
  if (failing !== null) {
    expectTypeOf(failing.since).toEqualTypeOf<Date>()
    expectTypeOf(failing.code).toEqualTypeOf<Failure['appCode'] | StoreErrorCode>()
    expectTypeOf(failing.message).toEqualTypeOf<string>()
  }
  for (const edit of status.pending) expectTypeOf(edit.state).toEqualTypeOf<'pending'>()
  for (const edit of status.refused) {
    expectTypeOf(edit.refusal).toEqualTypeOf<Refusal>()
    expectTypeOf(edit.refusal.fields).toEqualTypeOf<FieldError[]>()
    expectTypeOf(store.retry).toBeCallableWith(edit)
    expectTypeOf(store.mend).toBeCallableWith(edit, { title: 'Shorter' })
  }
  for (const edit of status.conflicts) {
    expectTypeOf(edit.fields).toEqualTypeOf<FieldConflict[]>()
    expectTypeOf(edit.theirs).toEqualTypeOf<Task | List>()
    expectTypeOf(store.resolve).toBeCallableWith(edit, 'mine')
    // @ts-expect-error -- neither version
    void store.resolve(edit, 'both')
  }
  expectTypeOf<FieldConflict['mine']>().toBeUnknown()
})

test('an edit narrows by its procedure', () => {
  const edit = {} as Edit
  expectTypeOf(edit.title).toEqualTypeOf<string>()
  expectTypeOf(edit.order).toEqualTypeOf<number>()
  expectTypeOf(edit.madeAt).toEqualTypeOf<string>()
  // @ts-expect-error -- it is queued as tasks.update
  if (edit.procedure === 'tasks.complete') return
  if (edit.procedure === 'tasks.create') expectTypeOf(edit.input.title).toEqualTypeOf<string>()
  if (edit.procedure === 'lists.delete') expectTypeOf(edit.input.tasks).toEqualTypeOf<'inbox' | 'trash'>()
})

test('a StoreError has a code of a closed set', () => {
  const error: unknown = undefined
  if (!(error instanceof StoreError)) return
  expectTypeOf(error.code).toEqualTypeOf<StoreErrorCode>()
  expectTypeOf(error.message).toEqualTypeOf<string>()
  // @ts-expect-error -- no such code
  if (error.code === 'FULL') return
})

test('nothing is any', () => {
  expectTypeOf(store).not.toBeAny()
  expectTypeOf(store.tasks.query().get()).not.toBeAny()
  expectTypeOf(store.tasks.get(id).get()).not.toBeAny()
  expectTypeOf(store.sync.get().refused).not.toBeAny()
  expectTypeOf(store.sync.get().conflicts).not.toBeAny()
  expectTypeOf<Edit['input']>().not.toBeAny()
  expectTypeOf<Edit['base']>().not.toBeAny()
  expectTypeOf(store.mend).parameter(1).not.toBeAny()
})

test('each decision takes the edits that it is for', () => {
  for (const edit of store.sync.get().refused) {
    expectTypeOf(store.retry).toBeCallableWith(edit)
    expectTypeOf(store.dismiss).toBeCallableWith(edit)
    // @ts-expect-error -- a refused edit has no second version
    void store.resolve(edit, 'mine')
  }
  for (const edit of store.sync.get().conflicts) {
    expectTypeOf(store.resolve).toBeCallableWith(edit, 'theirs')
    expectTypeOf(store.dismiss).toBeCallableWith(edit)
    // @ts-expect-error -- it would be in conflict again
    void store.retry(edit)
  }
  // @ts-expect-error -- a pending edit needs no decision
  for (const edit of store.sync.get().pending) void store.dismiss(edit)
})

test('an edit is mended by values of its procedure', () => {
  for (const edit of store.sync.get().refused) {
    expectTypeOf(store.mend).toBeCallableWith(edit, { title: 'Buy milk' })
    // @ts-expect-error -- no such field of any procedure
    void store.mend(edit, { colour: 'red' })
    if (edit.procedure !== 'lists.update') continue
    void store.mend(edit, { name: 'Work' })
    // @ts-expect-error -- a field of tasks
    void store.mend(edit, { title: 'Work' })
  }
})
