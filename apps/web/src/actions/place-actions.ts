import type { Task } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import { attempt, named, quoted, type Reports, toEach } from './done.ts'
import { afterEachOther, placesIn } from './places.ts'

/** What the page does to the places of tasks. */
export interface PlaceActions {
  /** Moves tasks to the end of a list; null: the inbox. */
  move(tasks: readonly Task[], listId: string | null): Promise<void>
  /** Places tasks, in this order, after another one of the list; null: first. */
  place(tasks: readonly Task[], listId: string | null, after: string | null): Promise<void>
  trash(tasks: readonly Task[]): Promise<void>
  restore(tasks: readonly Task[]): Promise<void>
  /** Erases tasks for good. Ask the user first. */
  purge(tasks: readonly Task[]): Promise<void>
}

export function placeActions({ tasks, lists }: Store, reports: Reports): PlaceActions {
  /** Returns a function that puts some of these tasks back to where they are now. */
  function placesOf(all: readonly Task[]): (some: readonly Task[]) => Promise<void> {
    const places = [...Map.groupBy(all, ({ listId }) => listId)].flatMap(([listId, some]) =>
      placesIn(tasks.query({ listId }, { by: 'position', direction: 'asc' }).get(), some),
    )
    return async (some) => {
      const ids = new Set(some.map(({ id }) => id))
      for (const { id, ...place } of places) if (ids.has(id)) await tasks.move(id, place)
    }
  }
  function nameOf(listId: string | null): string {
    const all = lists.query().get()
    const list = all.find(({ id }) => id === listId)
    return list === undefined ? 'the inbox' : quoted(list.name)
  }
  return {
    async move(all, listId) {
      await toEach(all, reports, {
        text: (some) => `Moved ${named(some)} to ${nameOf(listId)}`,
        act: async ({ id }) => await tasks.move(id, { listId }),
        putBack: placesOf(all),
      })
    },
    async place(all, listId, after) {
      const places = afterEachOther(all, after)
      await toEach(all, reports, {
        text: (some) => `Moved ${named(some)}`,
        act: async ({ id }) => await tasks.move(id, { listId, after: places.get(id) ?? null }),
        putBack: placesOf(all),
      })
    },
    async trash(all) {
      await toEach(all, reports, {
        text: (some) => `Moved ${named(some)} to the trash`,
        act: async ({ id }) => await tasks.delete(id),
        undo: async ({ id }) => await tasks.restore(id),
        putBack: placesOf(all),
      })
    },
    async restore(all) {
      await toEach(all, reports, {
        text: (some) => `Restored ${named(some)}`,
        act: async ({ id }) => await tasks.restore(id),
        undo: async ({ id }) => await tasks.delete(id),
      })
    },
    async purge(all) {
      await attempt(reports, async () => {
        for (const { id } of all) await tasks.purge(id)
      })
    },
  }
}
