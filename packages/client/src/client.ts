import { createTRPCClient, httpSubscriptionLink } from '@trpc/client'
import type { Calls } from './call-types.ts'
import { EventStream, type StreamInit } from './event-stream.ts'
import { type FeedContext, type Follow, follow, type FollowOptions, SILENT_MS } from './follow.ts'
import { createRequests } from './requests.ts'
import { DELAY_MS, resilience } from './resilience.ts'
import type { RetryOptions } from './retry-options.ts'
import type { AppRouter } from './router.ts'
import { baseUrlOf, createSend, type Fetch, type TokenOption } from './send.ts'
import { TIMEOUT_MS } from './waiting.ts'

export interface ClientOptions {
  /** The service's URL, such as `http://localhost:4000`. In a page of the same origin, use `location.origin`. */
  url: string
  /**
   * A session's token, an API key, or a function that returns one and is called before every request. If the function
   * throws or rejects, the call rejects with `appCode` TOKEN. The function is called again, with the delays of a failed
   * call, if its error has `retryable: true` or came from a `fetch` that got no response. Leave out `token` in a
   * browser, which sends its cookie.
   */
  token?: TokenOption | undefined
  /** The id of the user for whom a service key acts. Such a key requires this or `actingAsExternal`. */
  actingAs?: string | undefined
  /** The user for whom a service key acts, by the id in your own system: the account's `externalId`. */
  actingAsExternal?: string | undefined
  /** The id of the space in which the calls act; default: the caller's personal space. */
  space?: string | undefined
  /**
   * Milliseconds for one attempt of a call, counted from when it is sent. Default: 12,000, slightly above the service's
   * own limit. Infinity: no limit.
   */
  timeoutMs?: number | undefined
  /** How often and how soon to retry a call that failed with a retryable error. */
  retry?: RetryOptions | undefined
  /** Used instead of the global fetch. */
  fetch?: Fetch | undefined
}

/**
 * The typed client: `client.tasks.create.mutate({ title })`, `client.tasks.list.query()`. A second argument
 * `{ signal }` makes a call abortable.
 */
export type Client = Calls & {
  /** The service's URL, without a slash at the end. */
  readonly url: string
  /** The id of the space in which the calls act; undefined: the caller's personal space. */
  readonly space: string | undefined
  /** Returns a client with the same options whose calls act in another space. */
  in(spaceId: string): Client
  changes: {
    /**
     * Delivers every Change after `after` once and in order, as it happens, and reconnects by itself. When `signal`
     * aborts, it resolves with the revision of the last processed Change. Use this as the next `after`. (It is
     * undefined if `after` was not given and the feed never connected.) It rejects with errors that a retry cannot
     * solve: RESYNC_REQUIRED, UNAUTHENTICATED, FORBIDDEN, CONTRACT_MISMATCH, VALIDATION, a TOKEN that is not
     * `retryable`, a TypeError for a wrong `silentMs`, and any error that `onChange` throws.
     */
    follow: Follow
  }
}

/**
 * Creates a client. It opens no connection until the first call.
 *
 * Up to 50 calls of the same tick share a request; a large call gets a request of its own. A few requests are sent at a
 * time, and further calls wait. Each mutation gets a `mutationId` unless you set one. If this client or you send a
 * mutation again with the same id, it takes effect once.
 *
 * Calls reject with a TaskwireError; `failureOf` returns it as a closed union.
 * @throws TypeError if `url` is not a URL, a number in the options is out of range, or both `actingAs` and
 * `actingAsExternal` are given.
 */
export function createClient(options: ClientOptions): Client {
  const { timeoutMs = TIMEOUT_MS, retry } = options
  if (options.actingAs !== undefined && options.actingAsExternal !== undefined)
    throw new TypeError('actingAs and actingAsExternal each name a user; give one of them')
  checkNumber('timeoutMs', timeoutMs, 1)
  checkNumber('retry.attempts', retry?.attempts, 1)
  checkNumber('retry.delayMs', retry?.delayMs, 0)
  checkNumber('retry.maxDelayMs', retry?.maxDelayMs, 0)
  const baseUrl = baseUrlOf(options.url)
  const url = `${baseUrl}/trpc`
  const send = createSend(options)
  const stream = ({ ready, silentMs = SILENT_MS }: FeedContext, path: string): StreamInit => ({
    path,
    ready,
    silentMs,
    connectMs: timeoutMs,
    delayMs: retry?.delayMs ?? DELAY_MS,
    renewsToken: typeof options.token === 'function',
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
  // tRPC's own type of the calls does not say that every error is a TaskwireError, and needs the types of Node.
  const client = trpcClient as unknown as Calls
  const changes = withProperties(client.changes, {
    async follow(followOptions: FollowOptions) {
      checkNumber('silentMs', followOptions.silentMs, 1)
      return await follow(client, followOptions)
    },
  })
  const inSpace: Client['in'] = (space) => createClient({ ...options, space })
  // tRPC's client is a proxy without own properties: it answers for every property that is not defined here.
  return withProperties(client, { changes, url: baseUrl, space: options.space, in: inSpace }) as Client
}

/** Refuses NaN too, the usual result of parsing a missing setting: calls would fail at once, or be retried for ever. */
function checkNumber(name: string, value: number | undefined, min: number): void {
  if (value !== undefined && !(value >= min)) throw new TypeError(`${name} is ${value}; it must be at least ${min}`)
}

/** Returns a proxy of `target` with more properties. */
function withProperties<T extends object>(target: T, properties: object): T {
  return new Proxy(target, {
    get: (object, key) => Reflect.get(Object.hasOwn(properties, key) ? properties : object, key) as unknown,
  })
}
