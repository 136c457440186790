import { LIMITS } from '@taskwire/contract/limits'
import { ownFailure, type TaskwireError, taskwireError } from './errors.ts'
import { isRefused, readAnswers, refusalOf, unreadable } from './http.ts'
import type { Send } from './send.ts'
import { within } from './waiting.ts'

export interface Call {
  type: 'query' | 'mutation'
  path: string
  /** The input. */
  json: string
}

/** Sends a call; returns what takes it out of the queue, or no longer waits for its answer. */
export type SendCall = (call: Call, resolve: (data: unknown) => void, reject: (error: unknown) => void) => () => void

interface Queued extends Call {
  /** Characters of an address, of which a mutation needs none. */
  size: number
  resolve(data: unknown): void
  reject(error: TaskwireError): void
  cancel(): void
}

interface Options {
  /** Where the service takes calls. */
  url: string
  /** For one request, from when it is sent. */
  timeoutMs: number
  send: Send
}

/**
 * What is sent at once; other calls wait, and share the next request. The service runs one mutation of a
 * user at a time, and refuses what waits for 3 s: fifty are done in that time on a slow database too.
 */
const AT_ONCE = { query: { requests: 4, calls: 100 }, mutation: { requests: 2, calls: 50 } }
/** Characters: some proxies refuse more in one line. */
const URL_LENGTH = 6000
/** Characters of an address beside the inputs and paths: `?batch=1&input={}`, and for each `"49":` and commas. */
const [AROUND_ALL, AROUND_EACH] = [22, 18]
/**
 * Characters of an input that may share a request: 50 of these, of three bytes each, are below the
 * service's limit for a body. A longer one goes alone.
 */
const SHARED_LENGTH = 20_000

/**
 * Sends calls in tRPC's batches, those of one tick together. tRPC's own link sends all at once: here
 * calls wait in order, and one that is aborted while it waits is never sent.
 */
export function createRequests(options: Options): SendCall {
  const queues = { query: createQueue('query', options), mutation: createQueue('mutation', options) }
  return (call, resolve, reject) => queues[call.type](call, resolve, reject)
}

function createQueue(type: Call['type'], { url, timeoutMs, send }: Options): SendCall {
  const most = AT_ONCE[type]
  const queue = new Set<Queued>()
  let [requests, underWay] = [0, 0]
  let tick: ReturnType<typeof setTimeout> | undefined

  function sendQueued(): void {
    tick = undefined
    while (requests < most.requests && underWay < most.calls && queue.size > 0) {
      const calls = firstOf(queue, most.calls - underWay, URL_LENGTH - url.length - AROUND_ALL)
      for (const call of calls) queue.delete(call)
      requests++
      underWay += calls.length
      void sendTogether(calls).finally(() => {
        requests--
        underWay -= calls.length
        // Calls of this tick are still being made.
        if (tick === undefined) sendQueued()
      })
    }
  }

  async function sendTogether(calls: Queued[]): Promise<void> {
    const unwanted = new AbortController()
    const { signal } = unwanted
    let wanted = calls.length
    for (const call of calls) call.cancel = () => void (--wanted === 0 && unwanted.abort())
    try {
      await within(timeoutMs, signal, async () => {
        const response = await send(...requestOf(type, url, calls, signal))
        const answers = await readAnswers(response)
        // Settled, they give up nothing.
        wanted = 0
        for (const [at, call] of calls.entries()) settle(call, isRefused(answers) ? answers : answers[at], response)
      })
    } catch (thrown) {
      unwanted.abort()
      const error = taskwireError(thrown)
      for (const { reject } of calls) reject(error)
    }
  }

  return (call, resolve, reject) => {
    const size = type === 'query' ? call.path.length + encodeURIComponent(call.json).length + AROUND_EACH : 0
    const longest = URL_LENGTH - url.length - AROUND_ALL
    if (size > longest)
      throw ownFailure(
        'LIMIT_EXCEEDED',
        `The query's input has ${size} characters as part of an address, of at most ${longest}; narrow the filter`,
      )
    const queued: Queued = { ...call, size, resolve, reject, cancel: () => void queue.delete(queued) }
    queue.add(queued)
    tick ??= setTimeout(sendQueued)
    return () => queued.cancel()
  }
}

/** The calls that go into the next request. */
function firstOf(queue: Iterable<Queued>, most: number, mostSize: number): Queued[] {
  const calls: Queued[] = []
  let size = 0
  for (const call of queue) {
    size += call.size
    const alone = call.json.length > SHARED_LENGTH
    if (calls.length > 0 && (alone || size > mostSize)) break
    calls.push(call)
    if (alone || calls.length === Math.min(most, LIMITS.batch)) break
  }
  return calls
}

function requestOf(type: Call['type'], url: string, calls: Call[], signal: AbortSignal): Parameters<Send> {
  const address = `${url}/${calls.map(({ path }) => path).join()}?batch=1`
  const inputs = `{${calls.map(({ json }, at) => `"${at}":${json}`).join()}}`
  return type === 'query'
    ? [`${address}&input=${encodeURIComponent(inputs)}`, { method: 'GET', headers: {}, signal }]
    : [address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: inputs, signal }]
}

function settle({ path, resolve, reject }: Queued, answer: unknown, response: Response): void {
  const { result } = (answer ?? {}) as { result?: { data?: unknown } | null }
  if (isRefused(answer)) reject(refusalOf(answer, path, response))
  else if (typeof result === 'object' && result !== null) resolve(result.data)
  else reject(unreadable(response))
}
