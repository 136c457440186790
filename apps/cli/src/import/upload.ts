import { failureOf } from '@taskwire/client'
import { createUploader, readLoggedIds, stateOf, type Uploader } from '@taskwire/importers'
import type { Context } from '../context.ts'
import { createList } from '../lists.ts'
import { readLists, readTasks } from '../pages.ts'

/** Creates the tasks of files in the account that is signed in. */
export function createAccountUploader(ctx: Context): Uploader {
  return createUploader(async () => {
    const client = await ctx.client()
    return {
      async readStates() {
        const tasks = await readTasks(client, { filter: { trash: 'with' } })
        return new Map(tasks.map((task) => [task.id, stateOf(task)]))
      },
      readLogged: async () => await readLoggedIds(client),
      readLists: async () => await readLists(client),
      createList: async (name) => await createList(ctx, client, name),
      createTasks: async (tasks) => await client.tasks.createMany.mutate({ tasks }),
      failureOf,
    }
  })
}
