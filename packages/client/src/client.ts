import { LIMITS } from '@taskwire/contract/limits'
import { createTRPCClient, httpSubscriptionLink, type TRPCClient } from '@trpc/client'
import { EventStream, type StreamInit } from './event-stream.ts'
import { type FeedContext, type Follow, follow, SILENT_MS } from './follow.ts'
import { createRequests } from './requests.ts'
import { DELAY_MS, type RetryOptions, resilience } from './resilience.ts'
import type { AppRouter } from './router.ts'
import { baseOf, createSend, type Fetch, type TokenOption } from './send.ts'

export interface ClientOptions {
  /** Where the service is, such as `http://localhost:4000`; in a page of the same origin, `location.origin`. */
  url: string
  /**
   * A session's token or a key. A function is called before every request, so that it may return a new
   * one. If it rejects, so does the call, with `appCode` TOKEN; it is called again, as a failed call is sent
   * again, where it threw an error that has `retryable: true`, or its own `fetch` got no answer. Leave it out
   * in a browser, which sends its cookie.
   */
  token?: TokenOption | undefined
  /** With a service's key, which needs it: the id of the user for whom it acts. */
  actingAs?: string | undefined
  /** The id of the space that its calls act in; left out, the caller's personal one. */
  space?: string | undefined
  /** Milliseconds for one try of a call, from when it is sent; default 12,000, a little more than the service takes at most. Infinity is no limit. */
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
  /** The same client, whose calls act in another space. */
  in(spaceId: string): Client
  changes: {
    /**
     * Every Change above `after`, once, in order and as it happens, over whatever breaks in between: it
     * connects again by itself. Resolves, when `signal` aborts, with the revision of the last Change that
     * was processed, for the next `after`; undefined where it never connected and had none. Rejects where
     * going on is no use: RESYNC_REQUIRED, UNAUTHENTICATED, FORBIDDEN, CONTRACT_MISMATCH, VALIDATION, TOKEN
     * unless it is `retryable`, or what `onChange` threw.
     */
    follow: Follow
  }
}

/** The service's own limit, and time for its answer that the limit was passed. */
const DEFAULT_TIMEOUT_MS = LIMITS.callMs + 2000

/**
 * Makes a client, which opens nothing until it is called.
 *
 * Calls made in the same tick share a request, 50 at most; a large one goes alone. A few requests are sent at
 * a time, and further calls wait for them. A mutation is given a `mutationId` unless you give one; sent again
 * with the same id, by this client or by you, it has its effect once.
 *
 * Calls reject with a TaskwireError; `failureOf` says what was wrong.
 * @throws TypeError where `url` is no address, or a time or count of the options no number that can be meant.
 */
export function createClient(options: ClientOptions): Client {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, retry } = options
  checkNumber('timeoutMs', timeoutMs, 1)
  checkNumber('retry.tries', retry?.tries, 1)
  checkNumber('retry.delayMs', retry?.delayMs, 0)
  checkNumber('retry.maxDelayMs', retry?.maxDelayMs, 0)
  const url = `${baseOf(options.url)}/trpc`
  const send = createSend(options)
  const stream = ({ ready, silentMs = SILENT_MS }: FeedContext, path: string): StreamInit => ({
    path,
    ready,
    silentMs,
    connectMs: timeoutMs,
    delayMs: retry?.delayMs ?? DELAY_MS,
    async connect(address, lastEventId, signal) {
      const resumed: Record<string, string> = lastEventId === '' ? {} : { 'last-event-id': lastEventId }
      const headers = { accept: 'text/event-stream', ...resumed }
      return await send(address, { headers, signal, cache: 'no-store' })
    },
  })
  const client = createTRPCClient<AppRouter>({
    links: [
      resilience(createRequests({ url, timeoutMs, send }), retry),
      httpSubscriptionLink({
        url,
        EventSource: EventStream,
        eventSourceOptions: ({ op }) => stream(op.context, op.path),
      }),
    ],
  })
  const changes = withOwn(client.changes, 'follow', async (given: Parameters<Follow>[0]) => await follow(client, given))
  const inSpace: Client['in'] = (space) => createClient({ ...options, space })
  // A proxy of tRPC's: what is asked of it besides is passed on.
  return withOwn(withOwn(client, 'changes', changes), 'in', inSpace) as Client
}

/** A setting that was read from nothing is NaN: with it a call would fail at once, or be sent again for ever. */
function checkNumber(name: string, value: number | undefined, least: number): void {
  if (value !== undefined && !(value >= least)) throw new TypeError(`${name} is ${value}; give a number from ${least}`)
}

/** The same with one property of its own. */
function withOwn<T extends object>(target: T, name: string, own: unknown): T {
  return new Proxy(target, { get: (whole, key) => (key === name ? own : (Reflect.get(whole, key) as unknown)) })
}
