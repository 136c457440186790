import type { List } from '@taskwire/contract/list'
import type { Counts, TagCount } from '@taskwire/contract/replies'
import type { Task } from '@taskwire/contract/task'
import type { TaskFilter, TaskSort } from '@taskwire/contract/task-filter'
import { useMemo } from 'react'
import { useLive, useStore } from './store-provider.ts'
import type { Decisions, StoredLists, StoredTasks } from './store/store-api.ts'
import type { SyncStatus } from './store/sync-status.ts'

export { type ProviderProps, type SignInProps, TaskwireProvider, useStore } from './store-provider.ts'

/** Returns the tasks that match `filter`, in the order of `sort`, by default the newest first. */
export function useTasks(filter?: TaskFilter, sort?: TaskSort): readonly Task[] {
  const { tasks } = useStore()
  // Filters are often written in place, and so are new objects at every render.
  const key = JSON.stringify([filter, sort])
  return useLive(useMemo(() => tasks.query(filter, sort), [tasks, key]))
}

/** Returns the numbers of tasks that match `filter`. */
export function useCounts(filter?: TaskFilter): Counts {
  const { tasks } = useStore()
  const key = JSON.stringify(filter)
  return useLive(useMemo(() => tasks.count(filter), [tasks, key]))
}

/** Returns a task, even if it is in the trash; undefined if there is none, or if `id` is undefined. */
export function useTask(id: string | undefined): Task | undefined {
  const { tasks } = useStore()
  return useLive(useMemo(() => tasks.get(id ?? ''), [tasks, id]))
}

/** Returns all lists, in order. */
export function useLists(): readonly List[] {
  const { lists } = useStore()
  return useLive(useMemo(() => lists.query(), [lists]))
}

/** Returns the tags in use, and how many tasks outside the trash have each. */
export function useTags(): readonly TagCount[] {
  const { tasks } = useStore()
  return useLive(useMemo(() => tasks.tags(), [tasks]))
}

/** Returns the account's IANA time zone, by which `today` and `overdue` are meant; the browser's until it is known. */
export function useTimeZone(): string {
  return useLive(useStore().timeZone)
}

/** Returns how far the store has come with the service, and the edits that wait for the user. */
export function useSync(): SyncStatus {
  return useLive(useStore().sync)
}

/** The edits of a store, and the decisions about them. The object stays the same. */
export interface Mutations extends Decisions {
  readonly tasks: Omit<StoredTasks, 'query' | 'count' | 'get' | 'tags'>
  readonly lists: Omit<StoredLists, 'query'>
}

/** Returns the edits: `const { tasks } = useMutations()`, then `await tasks.create({ title })`. */
export function useMutations(): Mutations {
  return useStore()
}
