import { createElement, type ComponentType, type ReactElement } from 'react'
import { expectTypeOf, test } from 'vitest'
import {
  type Counts,
  createClient,
  type List,
  type TagCount,
  type Task,
  type TaskFilter,
  type TaskSort,
} from './index.ts'
import {
  type Mutations,
  type SignInProps,
  TaskwireProvider,
  useCounts,
  useLists,
  useMutations,
  useStore,
  useSync,
  useTags,
  useTask,
  useTasks,
} from './react.ts'
import type { Store, StoreErrorCode, SyncStatus } from './store.ts'
import type { Failure } from './errors.ts'

declare const store: Store
declare const SignIn: ComponentType<SignInProps>
const client = createClient({ url: 'http://localhost:4000' })
const id = '0193a1b2-0000-7000-8000-000000000000'

test('a provider takes a store, or a client and a form', () => {
  expectTypeOf(TaskwireProvider).returns.toEqualTypeOf<ReactElement>()
  createElement(TaskwireProvider, { store }, 'tasks')
  createElement(TaskwireProvider, { client, signIn: SignIn }, 'tasks')
  // @ts-expect-error -- a store or a client is required
  createElement(TaskwireProvider, {}, 'tasks')
  // @ts-expect-error -- a form is required
  createElement(TaskwireProvider, { client }, 'tasks')
  // @ts-expect-error -- a promise is no store
  createElement(TaskwireProvider, { store: Promise.resolve(store) }, 'tasks')
})

test('a form gets the action that signs in, and the reason why it failed', () => {
  const props = {} as SignInProps
  expectTypeOf<keyof SignInProps>().toEqualTypeOf<'submit' | 'error'>()
  expectTypeOf(props.submit).toEqualTypeOf<
    (credentials: FormData | { email: string; password: string }) => Promise<void>
  >()
  expectTypeOf(props.error).toEqualTypeOf<{ code: Failure['appCode'] | StoreErrorCode; message: string } | null>()
  createElement('form', { action: props.submit })
})

test('hooks return the values of the store', () => {
  expectTypeOf(useStore).returns.toEqualTypeOf<Store>()
  expectTypeOf(useTasks).parameter(0).toEqualTypeOf<TaskFilter | undefined>()
  expectTypeOf(useTasks).parameter(1).toEqualTypeOf<TaskSort | undefined>()
  expectTypeOf(useTasks).returns.toEqualTypeOf<readonly Task[]>()
  expectTypeOf(useTask).parameters.toEqualTypeOf<[id: string | undefined]>()
  expectTypeOf(useTask).returns.toEqualTypeOf<Task | undefined>()
  expectTypeOf(useCounts).parameter(0).toEqualTypeOf<TaskFilter | undefined>()
  expectTypeOf(useCounts).returns.toEqualTypeOf<Counts>()
  expectTypeOf(useLists).returns.toEqualTypeOf<readonly List[]>()
  expectTypeOf(useTags).returns.toEqualTypeOf<readonly TagCount[]>()
  expectTypeOf(useSync).returns.toEqualTypeOf<SyncStatus>()
  // @ts-expect-error -- no such field
  useTasks({ colour: 'red' })
  // @ts-expect-error -- an order has a direction
  useTasks({}, { by: 'title' })
  // @ts-expect-error -- an id is required
  useTask()
})

test('mutations are the edits of the store and the decisions about them, and no queries', () => {
  expectTypeOf(useMutations).returns.toEqualTypeOf<Mutations>()
  expectTypeOf<keyof Mutations>().toEqualTypeOf<'tasks' | 'lists' | 'retry' | 'mend' | 'dismiss' | 'resolve'>()
  const { tasks, lists } = useMutations()
  expectTypeOf(tasks.create).toEqualTypeOf<Store['tasks']['create']>()
  expectTypeOf(tasks.complete).toEqualTypeOf<Store['tasks']['complete']>()
  expectTypeOf(lists.delete).toEqualTypeOf<Store['lists']['delete']>()
  // @ts-expect-error -- a query
  tasks.query()
  // @ts-expect-error -- a title is required
  void tasks.create({ due: { date: '2026-12-01' } })
})

test('nothing is any', () => {
  expectTypeOf(useStore()).not.toBeAny()
  expectTypeOf(useTasks()).not.toBeAny()
  expectTypeOf(useTasks()[0]).not.toBeAny()
  expectTypeOf(useTask(id)).not.toBeAny()
  expectTypeOf(useCounts()).not.toBeAny()
  expectTypeOf(useLists()).not.toBeAny()
  expectTypeOf(useTags()).not.toBeAny()
  expectTypeOf(useSync()).not.toBeAny()
  expectTypeOf(useMutations().tasks).not.toBeAny()
  expectTypeOf<SignInProps['error']>().not.toBeAny()
})
