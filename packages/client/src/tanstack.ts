/** Connects this client with TanStack Query, by `@trpc/tanstack-react-query`. */
import type { QueryClient } from '@tanstack/react-query'
import { getUntypedClient, type TRPCClient, type TRPCUntypedClient } from '@trpc/client'
import { createTRPCRecursiveProxy } from '@trpc/server'
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query'
import type { Client } from './client.ts'
import type { AppRouter } from './router.ts'

/** The options of each procedure: `trpc.tasks.list.queryOptions(input)`, `trpc.tasks.create.mutationOptions()`. */
export type Queries = TRPCOptionsProxy<AppRouter, { keyPrefix: true }>

export interface QueriesOptions {
  /** Sends the calls. Queries of clients with different spaces are cached separately. */
  client: Client
  /** Clear it when the user signs out, since it has the user's data. */
  queryClient: QueryClient | (() => QueryClient)
}

/**
 * Returns the typed options of every procedure for TanStack Query: `useQuery(trpc.tasks.list.queryOptions(input))`,
 * `useMutation(trpc.tasks.create.mutationOptions())`.
 *
 * The client retries, and gives each mutation an id. So `retry` is false, unless you set it for a query. TanStack Query
 * never retries a mutation: each retry would get another id, and so the mutation might be applied twice.
 */
export function createQueries({ client, queryClient }: QueriesOptions): Queries {
  const keyPrefix = client.space === undefined ? 'taskwire' : `taskwire ${client.space}`
  const queries = createTRPCOptionsProxy<AppRouter, { keyPrefix: true }>({
    // The client is a TRPCClient, though its type does not say so.
    client: withoutDirection(getUntypedClient(client as unknown as TRPCClient<AppRouter>)),
    queryClient,
    keyPrefix,
  })
  const proxy = createTRPCRecursiveProxy(({ path, args }) => {
    const result = call(queries, path, args)
    switch (path.at(-1)) {
      case 'queryOptions':
      case 'infiniteQueryOptions':
        return { retry: false, ...result }
      case 'mutationOptions':
        return { ...result, retry: false }
      default:
        return result
    }
  })
  // The proxy has every member of `queries`, with the same types.
  return proxy as Queries
}

type Member = Record<string, unknown> & ((...args: readonly unknown[]) => object)

function call(queries: Queries, path: readonly string[], args: readonly unknown[]): object {
  // Each member of tRPC's proxy is a proxy that can be called.
  const member = path.reduce((parent, name) => parent[name] as Member, queries as unknown as Member)
  return member(...args)
}

/** Infinite queries add a `direction` to their input, which the service would refuse as an unknown field. */
function withoutDirection(client: TRPCUntypedClient<AppRouter>): TRPCUntypedClient<AppRouter> {
  // tRPC tests the client with instanceof.
  return Object.create(client, {
    query: {
      value: async (path: string, input: unknown, options: Parameters<typeof client.query>[2]) => {
        const { direction, ...fields } = (input ?? {}) as { direction?: unknown }
        return await client.query(path, direction === undefined ? input : fields, options)
      },
    },
  }) as TRPCUntypedClient<AppRouter>
}
