import { LIMITS } from '@taskwire/contract/limits'
import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client'
import { EventStream, type StreamInit } from './event-stream.ts'
import { type FeedContext, type Follow, follow, SILENT_MS } from './follow.ts'
import { type Fetch, baseOf, readAnswer, readStream } from './http.ts'
import { DELAY_MS, type RetryOptions, resilience } from './resilience.ts'
import type { AppRouter } from './router.ts'

export interface ClientOptions {
  /** Where the service is, such as `http://127.0.0.1:4000`; in a page of the same origin, `location.origin`. */
  url: string
  /**
   * A session's token or a key. A function is asked before every request, so that it may give a new
   * one; where it rejects, the try has failed. Leave it out in a browser, which sends its cookie.
   */
  token?: string | (() => string | undefined | Promise<string | undefined>) | undefined
  /** With a service's key, which needs it: the id of the user for whom it acts. */
  actingAs?: string | undefined
  /** Milliseconds for one try of a call; default 12,000, a little more than the service takes at most. Infinity is no limit. */
  timeoutMs?: number | undefined
  /** How often, and how soon, a call that failed for a passing reason is sent again. */
  retry?: RetryOptions | undefined
  /** Instead of the global fetch. */
  fetch?: Fetch | undefined
}

/**
 * The typed client: `client.tasks.create.mutate({ title })`, `client.tasks.list.query()`. A second
 * argument `{ signal }` aborts the call.
 */
export type Client = TRPCClient<AppRouter> & {
  changes: {
    /**
     * Every Change above `after`, once, in order and as it happens, over whatever breaks in between: it
     * connects again by itself. Resolves, when `signal` aborts, with the revision of the last Change that
     * was processed, for the next `after`; undefined where it never connected and had none. Rejects where
     * going on is no use: RESYNC_REQUIRED, UNAUTHENTICATED, FORBIDDEN, CONTRACT_MISMATCH, or what
     * `onChange` threw.
     */
    follow: Follow
  }
}

/** The service's own limit, and time for its answer that the limit was passed. */
const DEFAULT_TIMEOUT_MS = LIMITS.callMs + 2000
/** Characters: some proxies refuse more in one line. */
const URL_LENGTH = 6000
/**
 * Characters of an input that may share a request: 50 of these, of three bytes each, are below the
 * service's limit for a body. A longer one goes alone.
 */
const SHARED_LENGTH = 20_000

/**
 * Makes a client, which opens nothing until it is called.
 *
 * Calls made in the same tick share a request, 50 at most; a large one goes alone. A mutation is given a `mutationId` unless
 * you give one; sent again with the same id, by this client or by you, it has its effect once.
 *
 * Calls reject with a TaskwireError; `failureOf` says what was wrong.
 * @throws TypeError where `url` is no address.
 */
export function createClient(options: ClientOptions): Client {
  const { url, token, actingAs, timeoutMs = DEFAULT_TIMEOUT_MS, retry, fetch } = options
  const cookies: RequestInit = token === undefined ? { credentials: 'include' } : {}
  const http = {
    url: `${baseOf(url)}/trpc`,
    maxURLLength: URL_LENGTH,
    async headers(): Promise<Record<string, string>> {
      const credential = typeof token === 'function' ? await token() : token
      return {
        'x-taskwire-contract': CONTRACT_HEADER,
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(actingAs === undefined ? {} : { 'x-taskwire-user': actingAs }),
      }
    },
    async fetch(address: string | URL | Request, init?: object) {
      // The global one is looked up for each request: tracing, or a test, may replace it.
      return await readAnswer(await (fetch ?? globalThis.fetch)(address, { ...init, ...cookies }))
    },
  }
  const stream = ({ ready, silentMs = SILENT_MS }: FeedContext): StreamInit => ({
    ready,
    silentMs,
    connectMs: timeoutMs,
    delayMs: retry?.delayMs ?? DELAY_MS,
    async connect(address, lastEventId, signal) {
      const headers = { ...(await http.headers()), accept: 'text/event-stream' }
      const resumed = lastEventId === '' ? headers : { ...headers, 'last-event-id': lastEventId }
      const init: RequestInit = { headers: resumed, signal, cache: 'no-store', ...cookies }
      return await readStream(await (fetch ?? globalThis.fetch)(address, init))
    },
  })
  const client = createTRPCClient<AppRouter>({
    links: [
      resilience({ ...retry, timeoutMs, maxInputLength: URL_LENGTH - http.url.length - 100 }),
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          url: http.url,
          EventSource: EventStream,
          eventSourceOptions: ({ op }) => stream(op.context),
        }),
        false: splitLink({
          condition: ({ input }) => JSON.stringify(input).length > SHARED_LENGTH,
          true: httpBatchLink({ ...http, maxItems: 1 }),
          false: httpBatchLink({ ...http, maxItems: LIMITS.batch }),
        }),
      }),
    ],
  })
  const changes = withOwn(client.changes, 'follow', async (given: Parameters<Follow>[0]) => await follow(client, given))
  // A proxy of tRPC's: what is asked of it besides is passed on.
  return withOwn(client, 'changes', changes) as Client
}

/** The same with one property of its own. */
function withOwn<T extends object>(target: T, name: string, own: unknown): T {
  return new Proxy(target, { get: (whole, key) => (key === name ? own : (Reflect.get(whole, key) as unknown)) })
}
