import { expectTypeOf, test } from 'vitest'
import type { Account, ApiKey, Change, Client, Inputs, List, Outputs, Task, TaskFilter } from './index.ts'
import type { AppRouter } from './router.ts'
import type { Called, HoldsAny, Mutation, Query, Same, Subscription } from './testing/compare-types.ts'
import type {
  Scopes,
  Open,
  TaskShape,
  ListShape,
  ChangeShape,
  AccountShape,
  KeyShape,
  NamesUser,
  UserShape,
  Mutating,
  OnRow,
  Changes,
  Draft,
  ListChanges,
  ListDraft,
  Filter,
  Filtered,
  Paging,
  Sort,
  Action,
} from './testing/expected-shapes.ts'

interface Expected {
  tasks: {
    create: Mutation<Draft & Mutating, TaskShape>
    createMany: Mutation<{ tasks: Draft[] } & Mutating, { tasks: TaskShape[] }>
    get: Query<{ id: string }, TaskShape>
    list: Query<
      (Filtered & Paging & { sort?: Sort | undefined }) | void,
      { items: TaskShape[]; nextCursor: string | null; revision: number }
    >
    count: Query<Filtered | void, { total: number; open: number; complete: number; overdue: number }>
    update: Mutation<OnRow & { changes: Changes }, TaskShape>
    complete: Mutation<OnRow & { complete?: boolean | undefined }, TaskShape>
    move: Mutation<OnRow & { listId?: string | null | undefined; after?: string | null | undefined }, TaskShape>
    delete: Mutation<OnRow, TaskShape>
    restore: Mutation<OnRow, TaskShape>
    purge: Mutation<OnRow, { id: string; revision: number }>
    bulk: Mutation<
      Filtered &
        Mutating & {
          ids?: string[] | undefined
          action: Action
          dryRun?: boolean | undefined
          maxAffected?: number | undefined
        },
      { affected: number; tasks: TaskShape[]; revision: number }
    >
  }
  lists: {
    create: Mutation<ListDraft & Mutating, ListShape>
    update: Mutation<OnRow & { changes: ListChanges }, ListShape>
    delete: Mutation<OnRow & { tasks: 'inbox' | 'trash' }, { id: string; revision: number }>
    list: Query<Paging | void, { items: ListShape[]; nextCursor: string | null; revision: number }>
  }
  tags: {
    list: Query<Paging | void, { items: { tag: string; count: number }[]; nextCursor: string | null }>
    rename: Mutation<Mutating & { from: string; to: string }, { affected: number; revision: number }>
  }
  changes: {
    list: Query<
      { after: number; limit?: number | undefined; entityId?: string | undefined },
      { changes: ChangeShape[]; head: number; nextAfter: number }
    >
    subscribe: Subscription<
      { after?: number | undefined; lastEventId?: string | undefined } | void,
      | { type: 'change'; change: ChangeShape; revision?: undefined }
      | { type: 'head'; revision: number; change?: undefined }
      | { type: string & {}; change?: undefined; revision?: undefined }
    >
    revert: Mutation<Mutating & { revision: number }, { affected: number; revision: number }>
  }
  keys: {
    create: Mutation<
      Mutating & {
        name: string
        scopes: Scopes[]
        spaceId?: string | null | undefined
        expiresAt?: string | undefined
      },
      { key: KeyShape; secret: string }
    >
    revoke: Mutation<Mutating & { id: string }, { id: string }>
    list: Query<Paging | void, { items: KeyShape[]; nextCursor: string | null }>
  }
  me: {
    get: Query<Record<string, never> | undefined | void, AccountShape>
    update: Mutation<(Mutating & { name?: string | undefined; timeZone?: string | undefined }) | void, AccountShape>
    export: Query<
      { cursor?: string | null | undefined } | void,
      {
        account: AccountShape
        lists: ListShape[]
        tasks: TaskShape[]
        changes: ChangeShape[]
        keys: KeyShape[]
        revision: number
        nextCursor: string | null
      }
    >
    delete: Mutation<Mutating | void, { id: string }>
  }
  users: {
    create: Mutation<
      Mutating & { externalId: string; name: string; email?: string | undefined; timeZone?: string | undefined },
      UserShape
    >
    update: Mutation<
      Mutating &
        NamesUser & {
          changes: {
            name?: string | undefined
            email?: string | undefined
            timeZone?: string | undefined
            disabled?: boolean | undefined
          }
        },
      UserShape
    >
    delete: Mutation<Mutating & NamesUser, { id: string }>
    list: Query<Paging | void, { items: UserShape[]; nextCursor: string | null }>
  }
  system: {
    health: Query<Record<string, never> | undefined | void, { status: Open<'ok'>; version: string }>
    contract: Query<Record<string, never> | undefined | void, { version: string; hash: string }>
  }
}

type Namespace = keyof Expected
type Verb<N extends Namespace> = keyof Expected[N] & keyof Client[N]
type Is<N extends Namespace, V extends Verb<N>> = Same<Called<Client[N][V]>, Expected[N][V]>
type AllOf<N extends Namespace> = { [V in Verb<N>]: Is<N, V> }

test('every procedure of the contract is expected here, and no other', () => {
  expectTypeOf<keyof AppRouter['_def']['record']>().toEqualTypeOf<Namespace>()
  expectTypeOf<{ [N in Namespace]: keyof AppRouter['_def']['record'][N] }>().toEqualTypeOf<{
    [N in Namespace]: keyof Expected[N]
  }>()
  expectTypeOf<{ [N in Namespace]: Exclude<keyof Client[N], 'follow'> }>().toEqualTypeOf<{
    [N in Namespace]: keyof Expected[N]
  }>()
})

test('tasks: exact inputs and outputs, queries by .query only and mutations by .mutate only', () => {
  expectTypeOf<AllOf<'tasks'>>().toEqualTypeOf<Record<keyof Expected['tasks'], true>>()
})

test('lists: exact inputs and outputs', () => {
  expectTypeOf<AllOf<'lists'>>().toEqualTypeOf<Record<keyof Expected['lists'], true>>()
})

test('tags: exact inputs and outputs', () => {
  expectTypeOf<AllOf<'tags'>>().toEqualTypeOf<Record<keyof Expected['tags'], true>>()
})

test('changes: exact inputs and outputs', () => {
  expectTypeOf<AllOf<'changes'>>().toEqualTypeOf<Record<keyof Expected['changes'], true>>()
})

test('keys: exact inputs and outputs', () => {
  expectTypeOf<AllOf<'keys'>>().toEqualTypeOf<Record<keyof Expected['keys'], true>>()
})

test('me: exact inputs and outputs', () => {
  expectTypeOf<AllOf<'me'>>().toEqualTypeOf<Record<keyof Expected['me'], true>>()
})

test('users: exact inputs and outputs', () => {
  expectTypeOf<AllOf<'users'>>().toEqualTypeOf<Record<keyof Expected['users'], true>>()
})

test('system: exact inputs and outputs', () => {
  expectTypeOf<AllOf<'system'>>().toEqualTypeOf<Record<keyof Expected['system'], true>>()
})

test('nothing is any, at any depth', () => {
  type Calls = { [N in Namespace]: { [V in Verb<N>]: HoldsAny<Called<Client[N][V]>> }[Verb<N>] }[Namespace]
  expectTypeOf<Calls>().toEqualTypeOf<false>()
  expectTypeOf<HoldsAny<Inputs>>().toEqualTypeOf<false>()
  expectTypeOf<HoldsAny<Outputs>>().toEqualTypeOf<false>()
  expectTypeOf<HoldsAny<{ deep: { x: unknown }[] }>>().toEqualTypeOf<false>()
  // oxlint-disable-next-line typescript/no-explicit-any -- the test needs an any to find
  expectTypeOf<HoldsAny<{ deep?: { x: any }[] }>>().toEqualTypeOf<boolean>()
})

test('the exported types are the types that the procedures use', () => {
  expectTypeOf<Same<Task, TaskShape>>().toEqualTypeOf<true>()
  expectTypeOf<Same<List, ListShape>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Change, ChangeShape>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Account, AccountShape>>().toEqualTypeOf<true>()
  expectTypeOf<Same<ApiKey, KeyShape>>().toEqualTypeOf<true>()
  expectTypeOf<Same<TaskFilter, Filter>>().toEqualTypeOf<true>()
  expectTypeOf<Outputs['tasks']['get']>().toEqualTypeOf<Task>()
  expectTypeOf<Inputs['tasks']['get']>().toEqualTypeOf<{ id: string }>()
  expectTypeOf<Same<Inputs['tasks']['create'], Draft & Mutating>>().toEqualTypeOf<true>()
})
