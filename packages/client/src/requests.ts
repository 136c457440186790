import { LIMITS } from '@taskwire/contract/limits'
import { clientError, type TaskwireError, taskwireError } from './errors.ts'
import { errorOfReply, isErrorReply, readReplies, unreadableResponse } from './http.ts'
import type { Send } from './send.ts'
import { within } from './waiting.ts'

export interface Call {
  type: 'query' | 'mutation'
  path: string
  /** The input as JSON. */
  json: string
  mutationId?: string
}

/** Queues a call. Returns a function that removes the call from the queue, or stops waiting for its reply. */
export type SendCall = (call: Call, resolve: (data: unknown) => void, reject: (error: unknown) => void) => () => void

interface Queued extends Call {
  /** The characters that the call takes in the URL; 0 for a mutation, whose input is in the body. */
  size: number
  resolve(data: unknown): void
  reject(error: TaskwireError): void
  cancel(): void
}

interface Options {
  /** The URL of the tRPC endpoint. */
  url: string
  /** Milliseconds for one request, counted from when it is sent. */
  timeoutMs: number
  send: Send
}

/**
 * The most requests and calls in flight at a time; other calls wait, and share the next request. The service runs one
 * mutation of a space at a time, and refuses mutations that have waited 3 s (`limits/keyed-limit.ts` of the API). Even
 * a slow database completes fifty in that time.
 */
const MAX_IN_FLIGHT = { query: { requests: 4, calls: 100 }, mutation: { requests: 2, calls: 50 } }
/** The most characters of a URL; some proxies refuse longer ones. */
const MAX_URL_LENGTH = 6000
/**
 * Characters of a URL besides paths and inputs: `?batch=1&input={}` once, and `"49":` with commas for each call.
 */
const [URL_OVERHEAD, CALL_OVERHEAD] = [22, 18]
/**
 * The most characters of an input that may share a request. 50 inputs of this length, with three bytes for each
 * character, are below the service's limit for a body. A longer input gets a request of its own.
 */
const MAX_SHARED_LENGTH = 20_000

/**
 * Sends calls as tRPC batches: the calls of one tick share a request. tRPC's own batch link sends all calls at once.
 * Here, calls wait in order, and a call that is aborted while it waits is never sent.
 */
export function createRequests(options: Options): SendCall {
  const queues = { query: createQueue('query', options), mutation: createQueue('mutation', options) }
  return (call, resolve, reject) => queues[call.type](call, resolve, reject)
}

function createQueue(type: Call['type'], { url, timeoutMs, send }: Options): SendCall {
  const max = MAX_IN_FLIGHT[type]
  const queue = new Set<Queued>()
  let [requests, inFlight] = [0, 0]
  let tick: ReturnType<typeof setTimeout> | undefined

  function sendQueued(): void {
    tick = undefined
    while (requests < max.requests && inFlight < max.calls && queue.size > 0) {
      const calls = nextCalls(queue, max.calls - inFlight, MAX_URL_LENGTH - url.length - URL_OVERHEAD)
      for (const call of calls) queue.delete(call)
      requests++
      inFlight += calls.length
      void sendBatch(calls).finally(() => {
        requests--
        inFlight -= calls.length
        // If a tick is pending, calls are still being added, and sendQueued() runs at its end.
        if (tick === undefined) sendQueued()
      })
    }
  }

  async function sendBatch(calls: Queued[]): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    let remaining = calls.length
    for (const call of calls) call.cancel = () => void (--remaining === 0 && controller.abort())
    try {
      await within(timeoutMs, signal, async () => {
        const response = await send(...requestOf(type, url, calls, signal))
        const replies = await readReplies(response)
        // From here on, cancelling a call must not abort the request.
        remaining = 0
        for (const [index, call] of calls.entries())
          settle(call, isErrorReply(replies) ? replies : replies[index], response)
      })
    } catch (thrown) {
      controller.abort()
      const error = taskwireError(thrown)
      for (const { reject } of calls) reject(error)
    }
  }

  return (call, resolve, reject) => {
    const size = type === 'query' ? call.path.length + encodeURIComponent(call.json).length + CALL_OVERHEAD : 0
    const maxSize = MAX_URL_LENGTH - url.length - URL_OVERHEAD
    if (size > maxSize)
      throw clientError(
        'LIMIT_EXCEEDED',
        `The query takes ${size} characters of the URL, and at most ${maxSize} fit; narrow the filter`,
      )
    const queued: Queued = { ...call, size, resolve, reject, cancel: () => void queue.delete(queued) }
    queue.add(queued)
    tick ??= setTimeout(sendQueued)
    return () => queued.cancel()
  }
}

/** Returns the calls that go into the next request. */
function nextCalls(queue: Iterable<Queued>, maxCalls: number, maxSize: number): Queued[] {
  const calls: Queued[] = []
  let size = 0
  for (const call of queue) {
    size += call.size
    const isLarge = call.json.length > MAX_SHARED_LENGTH
    if (calls.length > 0 && (isLarge || size > maxSize)) break
    calls.push(call)
    if (isLarge || calls.length === Math.min(maxCalls, LIMITS.batch)) break
  }
  return calls
}

function requestOf(type: Call['type'], url: string, calls: Call[], signal: AbortSignal): Parameters<Send> {
  const address = `${url}/${calls.map(({ path }) => path).join()}?batch=1`
  const inputs = `{${calls.map(({ json }, index) => `"${index}":${json}`).join()}}`
  return type === 'query'
    ? [`${address}&input=${encodeURIComponent(inputs)}`, { method: 'GET', headers: {}, signal }]
    : [address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: inputs, signal }]
}

function settle({ path, resolve, reject }: Queued, reply: unknown, response: Response): void {
  const { result } = (reply ?? {}) as { result?: { data?: unknown } | null }
  if (isErrorReply(reply)) reject(errorOfReply(reply, path, response))
  else if (typeof result === 'object' && result !== null) resolve(result.data)
  else reject(unreadableResponse(response))
}
