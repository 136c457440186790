import { createTRPCClient, httpSubscriptionLink } from '@trpc/client'
import type { Calls } from './calls.ts'
import { EventStream, type StreamInit } from './event-stream.ts'
import { type FeedContext, type Follow, follow, type FollowOptions, SILENT_MS } from './follow.ts'
import { createRequests } from './requests.ts'
import { DELAY_MS, resilience } from './resilience.ts'
import type { RetryOptions } from './retry-options.ts'
import type { AppRouter } from './router.ts'
import { baseUrlOf, createSend, type Fetch, type TokenOption } from './send.ts'
import { TIMEOUT_MS } from './waiting.ts'

export interface ClientOptions {
  /** The service's address, such as `http://localhost:4000`; in a page of the same origin `location.origin`. */
  url: string
  /**
   * A session's token, an API key, or a function that returns one and is called before every request. If the function
   * throws or rejects, the call rejects with `appCode` TOKEN. It is retried like a failed call if the error has
   * `retryable: true`, or came from a `fetch` that got no response. Leave it out in a browser, which sends its cookie.
   */
  token?: TokenOption | undefined
  /** With a service key, which requires this or the next: the id of the user for whom the key acts. */
  actingAs?: string | undefined
  /** The same by the user's id in your own system: the account's `externalId`. */
  actingAsExternal?: string | undefined
  /** The id of the space in which the calls act; default: the caller's personal space. */
  space?: string | undefined
  /**
   * Milliseconds for one attempt of a call, from when it is sent. Default 12,000, slightly above the service's own
   * limit; Infinity: no limit.
   */
  timeoutMs?: number | undefined
  /** How often and how soon to retry a call that failed with a retryable error. */
  retry?: RetryOptions | undefined
  /** Replaces the global fetch. */
  fetch?: Fetch | undefined
}

/**
 * The typed client: `client.tasks.create.mutate({ title })`, `client.tasks.list.query()`. A second argument
 * `{ signal }` makes a call abortable.
 */
export type Client = Calls & {
  /** The id of the space in which the calls act; undefined: the caller's personal space. */
  readonly space: string | undefined
  /** Returns a client with the same options whose calls act in another space. */
  in(spaceId: string): Client
  changes: {
    /**
     * Delivers every Change after `after` once and in order, as it happens, and reconnects by itself. When `signal`
     * aborts it resolves with the revision of the last Change that was processed, to be used as the next `after`
     * (undefined if it never connected and `after` was not given). It rejects with errors that a retry cannot solve:
     * RESYNC_REQUIRED, UNAUTHENTICATED, FORBIDDEN, CONTRACT_MISMATCH, VALIDATION, TOKEN unless it is `retryable`, a
     * TypeError for a wrong `silentMs`, and whatever `onChange` throws.
     */
    follow: Follow
  }
}

/**
 * Creates a client. It opens no connection until the first call.
 *
 * Calls made in the same tick share a request, up to 50; a large call gets a request of its own. A few requests are
 * sent at a time, and further calls wait. Each mutation gets a `mutationId` unless you set one; sent again with the same
 * id, by this client or by you, it takes effect once.
 *
 * Calls reject with a TaskwireError; `failureOf` returns it as a closed union.
 * @throws TypeError if `url` is not an address, a number of the options is out of range, or both `actingAs` and
 * `actingAsExternal` are given.
 */
export function createClient(options: ClientOptions): Client {
  const { timeoutMs = TIMEOUT_MS, retry } = options
  if (options.actingAs !== undefined && options.actingAsExternal !== undefined)
    throw new TypeError('actingAs and actingAsExternal name a user each; give one of them')
  checkNumber('timeoutMs', timeoutMs, 1)
  checkNumber('retry.attempts', retry?.attempts, 1)
  checkNumber('retry.delayMs', retry?.delayMs, 0)
  checkNumber('retry.maxDelayMs', retry?.maxDelayMs, 0)
  const url = `${baseUrlOf(options.url)}/trpc`
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
  const trpcClient = createTRPCClient<AppRouter>({
    links: [
      resilience(createRequests({ url, timeoutMs, send }), retry),
      httpSubscriptionLink({
        url,
        EventSource: EventStream,
        eventSourceOptions: ({ op }) => stream(op.context, op.path),
      }),
    ],
  })
  // tRPC's type of the same calls does not say that every error is a TaskwireError, and names types of Node.
  const client = trpcClient as unknown as Calls
  const changes = withProperties(client.changes, {
    async follow(followOptions: FollowOptions) {
      checkNumber('silentMs', followOptions.silentMs, 1)
      return await follow(client, followOptions)
    },
  })
  const inSpace: Client['in'] = (space) => createClient({ ...options, space })
  // tRPC's client is a proxy without own properties; all other properties are passed on to it.
  return withProperties(client, { changes, space: options.space, in: inSpace }) as Client
}

/** Refuses NaN too, which a missing setting is often parsed to: a call would fail at once, or be retried for ever. */
function checkNumber(name: string, value: number | undefined, min: number): void {
  if (value !== undefined && !(value >= min)) throw new TypeError(`${name} is ${value}; it must be at least ${min}`)
}

/** Returns a proxy of `target` with more properties. */
function withProperties<T extends object>(target: T, properties: object): T {
  return new Proxy(target, {
    get: (object, key) => Reflect.get(Object.hasOwn(properties, key) ? properties : object, key) as unknown,
  })
}
