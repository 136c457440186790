// The tasks of a React page, with TanStack Query: components call `useOpenTasks` and `useAddTask`.
import { type QueryClient, useMutation, useQuery } from '@tanstack/react-query'
import { type Client, isChangeOf, type Task } from '@taskwire/client'
import { createQueries, type Queries } from '@taskwire/client/tanstack'

/** What the components share, for instance in a React context. */
export interface Tasks {
  client: Client
  queryClient: QueryClient
  trpc: Queries
}

export function createTasks(client: Client, queryClient: QueryClient): Tasks {
  return { client, queryClient, trpc: createQueries({ client, queryClient }) }
}

export const useOpenTasks = ({ trpc }: Tasks) => useQuery(trpc.tasks.list.queryOptions({ filter: { complete: false } }))

export const useAddTask = ({ trpc, queryClient }: Tasks) =>
  useMutation(
    trpc.tasks.create.mutationOptions({
      onSuccess: async () => await queryClient.invalidateQueries(trpc.tasks.pathFilter()),
    }),
  )

/** Keeps what is shown up to date, no matter who changes it. Resolves when `signal` aborts. */
export async function keepFresh({ client, queryClient, trpc }: Tasks, after: number, signal: AbortSignal) {
  await client.changes.follow({
    after,
    signal,
    onChange: async (change) => {
      if (!isChangeOf(change, 'task')) return
      const { entityId: id, after: fields, revision, at: updatedAt } = change
      // A task that is shown by itself gets the fields that changed; lists are read again.
      const changed = (task: Task | undefined) => task && { ...task, ...fields, revision, updatedAt }
      queryClient.setQueryData(trpc.tasks.get.queryKey({ id }), changed)
      await queryClient.invalidateQueries(trpc.tasks.list.pathFilter())
    },
  })
}
