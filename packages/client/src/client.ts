import { LIMITS } from '@taskwire/contract/limits'
import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client'
import { type RetryOptions, resilience } from './resilience.ts'
import type { AppRouter } from './router.ts'

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface ClientOptions {
  /** Where the service is, such as `http://127.0.0.1:4000`. */
  url: string
  /** A session's token or a key; a function is asked before every request. Absent in a browser, whose cookie is sent along. */
  token?: string | (() => string | undefined | Promise<string | undefined>) | undefined
  /** With a service's key: the id of the user for whom it acts. */
  actingAs?: string | undefined
  /** Milliseconds for one try of a call; default 10,000. */
  timeoutMs?: number | undefined
  retry?: RetryOptions | undefined
  /** Instead of the global fetch. */
  fetch?: Fetch | undefined
}

/** The typed client: `client.tasks.create.mutate({ title })`, `client.tasks.list.query({})`. */
export type Client = TRPCClient<AppRouter>

/**
 * Makes a client; it opens nothing by itself. Calls made at once share a request. Every mutation is
 * given an id, so that a call that is sent again, by this client or by you with the same
 * `mutationId`, has its effect once. Rejects with a TaskwireError (see failureOf).
 */
export function createClient(options: ClientOptions): Client {
  const { url, token, actingAs, timeoutMs = LIMITS.callMs, retry, fetch: given = globalThis.fetch } = options
  return createTRPCClient<AppRouter>({
    links: [
      resilience(retry),
      httpBatchLink({
        url: `${url.replace(/\/+$/, '')}/trpc`,
        maxItems: LIMITS.batch,
        maxURLLength: 6000,
        async headers() {
          const credential = typeof token === 'function' ? await token() : token
          return {
            'x-taskwire-contract': CONTRACT_HEADER,
            ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
            ...(actingAs === undefined ? {} : { 'x-taskwire-user': actingAs }),
          }
        },
        async fetch(input, init) {
          const late = AbortSignal.timeout(timeoutMs)
          const signal = init?.signal ? AbortSignal.any([init.signal, late]) : late
          // tRPC's own type of init has the same members, with a looser signal.
          return await given(input, {
            ...(init as RequestInit),
            signal,
            ...(token === undefined ? { credentials: 'include' } : {}),
          })
        },
      }),
    ],
  })
}
