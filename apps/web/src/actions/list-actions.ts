import type { List } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import { attempt, perform, quoted, type Reports } from './done.ts'
import { isIn } from './tags.ts'

/** What the page does to lists. */
export interface ListActions {
  /** Returns undefined if the list could not be stored. */
  addList(name: string): Promise<List | undefined>
  renameList(list: List, name: string): Promise<void>
  /** Places a list after another one; null: first. */
  placeList(list: List, after: string | null): Promise<void>
  /** Deletes a list. Ask the user first. */
  deleteList(list: List, tasks: 'inbox' | 'trash'): Promise<void>
}

export function listActions({ lists }: Store, reports: Reports): ListActions {
  /** The service would refuse the name, too, but only when the list is sent. */
  function refuseTaken(name: string, but?: string): void {
    const other = lists
      .query()
      .get()
      .find((list) => list.id !== but && isIn([list.name], name))
    if (other !== undefined) throw new Error(`There is a list ${quoted(other.name)} already. Choose another name.`)
  }
  return {
    async addList(name) {
      const adding = {
        text: `Added the list ${quoted(name)}`,
        act: async () => await lists.create({ name }),
        undo: async ({ id }: List) => await lists.delete(id, 'inbox'),
      }
      return await attempt(reports, async () => {
        refuseTaken(name)
        return await perform(reports, adding)
      })
    },
    async renameList({ id, name: was }, name) {
      const renaming = {
        text: `Renamed ${quoted(was)} to ${quoted(name)}`,
        act: async () => await lists.update(id, { name }),
        undo: async () => await lists.update(id, { name: was }),
      }
      await attempt(reports, async () => {
        refuseTaken(name, id)
        await perform(reports, renaming)
      })
    },
    async placeList({ id, name }, after) {
      const all = lists.query().get()
      const was = all[all.findIndex((list) => list.id === id) - 1]?.id ?? null
      const placing = {
        text: `Moved the list ${quoted(name)}`,
        act: async () => await lists.update(id, { after }),
        undo: async () => await lists.update(id, { after: was }),
      }
      await attempt(reports, async () => await perform(reports, placing))
    },
    async deleteList({ id }, rest) {
      await attempt(reports, async () => await lists.delete(id, rest))
    },
  }
}
