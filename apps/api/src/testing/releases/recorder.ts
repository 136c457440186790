import { deepStrictEqual } from 'node:assert'
import { createParser } from 'eventsource-parser'
import { createClient, failureOf, type Client, type ClientOptions, type Fetch } from '@taskwire/client'
import type { TestService } from '../service.ts'
import type { RecordedCall, SituationName, StreamEvent } from './recording.ts'
import { enter } from './situations.ts'

/** Records what clients send, and what a service replies. */
export interface Recorder {
  readonly calls: readonly RecordedCall[]
  readonly fetch: Fetch
  /** A client that does not retry. */
  client(options: Omit<ClientOptions, 'url'>): Client
  /** Runs one call under this name. */
  call<T>(name: string, run: () => Promise<T>): Promise<T>
  /** Runs a call that has to fail with this code. */
  refused(appCode: string, name: string, run: () => Promise<unknown>): Promise<void>
  /** Sends one request as it is. */
  send(
    name: string,
    path: string,
    init?: { method?: string; headers?: Record<string, string>; body?: unknown },
  ): Promise<void>
  /** Subscribes, and stops at the first head. */
  stream(name: string, subscribe: (onData: () => void) => { unsubscribe(): void }): Promise<void>
  /** Runs calls while the service is in this state. */
  during(situation: SituationName, run: () => Promise<void>): Promise<void>
}

const SENT = ['accept', 'authorization', 'content-type', 'origin', 'x-request-id']
const RECEIVED = ['content-type', 'retry-after', 'x-taskwire-contract']

export function createRecorder(service: TestService): Recorder {
  const calls: RecordedCall[] = []
  let [next, url, situation]: [string?, string?, SituationName?] = []
  let reading: Promise<void> | undefined

  async function record(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const name = next
    next = undefined
    if (name === undefined || calls.some((call) => call.name === name))
      throw new Error(`The request after ${calls.at(-1)?.name} has no name of its own`)
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input, service.url)
    const text = searchParams.get('input')
    searchParams.delete('input')
    const query = searchParams.size === 0 ? '' : `?${searchParams.toString()}`
    const call: RecordedCall = {
      name,
      ...(situation === undefined ? {} : { situation }),
      request: {
        method: init.method ?? 'GET',
        path: pathname + query,
        headers: pick(new Headers(init.headers), (header) => SENT.includes(header) || header.startsWith('x-taskwire-')),
        ...(text === null ? {} : { input: parsed(text) }),
        ...(typeof init.body === 'string' ? { body: parsed(init.body) } : {}),
      },
      reply: { status: 0, headers: {} },
    }
    calls.push(call)
    const response = await fetch(`${url ?? service.url}${pathname}${query}${addressOf(query, text)}`, init)
    const { status, headers } = response
    // A request id that the service makes differs each time, so it is kept only if the request sent one.
    const isKept = (header: string): boolean =>
      RECEIVED.includes(header) || (header === 'x-request-id' && Object.hasOwn(call.request.headers, header))
    call.reply = { status, headers: pick(headers, isKept) }
    if (headers.get('content-type')?.startsWith('text/event-stream') !== true) {
      call.reply.body = await response.clone().json()
      return response
    }
    const [kept, passed] = response.body?.tee() ?? []
    call.reply.events = []
    if (kept !== undefined) reading = readEvents(kept, call.reply.events)
    return new Response(passed, { status, headers })
  }

  const recorder: Recorder = {
    calls,
    fetch: record,
    client: (options) => createClient({ url: service.url, retry: { attempts: 1 }, fetch: record, ...options }),
    async call(name, run) {
      next = name
      return await run()
    },
    async refused(appCode, name, run) {
      next = name
      const result = await run().then(
        () => 'no refusal',
        (error: unknown) => failureOf(error).appCode,
      )
      deepStrictEqual([name, result], [name, appCode])
    },
    async send(name, path, { method = 'GET', headers = {}, body } = {}) {
      next = name
      const json = body === undefined ? {} : { body: JSON.stringify(body) }
      await record(path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...json,
      })
    },
    async stream(name, subscribe) {
      next = name
      const { promise, resolve } = Promise.withResolvers<void>()
      const subscription = subscribe(resolve)
      await Promise.all([promise, reading])
      subscription.unsubscribe()
    },
    async during(name, run) {
      await using state = await enter(name, service)
      situation = name
      url = state.url
      await run()
      situation = undefined
      url = undefined
    },
  }
  return recorder
}

const addressOf = (query: string, input: string | null): string =>
  input === null ? '' : `${query === '' ? '?' : '&'}input=${encodeURIComponent(input)}`

/** Parses JSON that is sent again by JSON.stringify(). */
function parsed(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (JSON.stringify(value) !== text) throw new Error(`This would not be sent again as it is: ${text}`)
  return value
}

function pick(headers: Headers, isKept: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => isKept(name)))
}

/** Reads events until the first head. */
async function readEvents(body: ReadableStream<Uint8Array>, events: StreamEvent[]): Promise<void> {
  let isOver = false
  const parser = createParser({
    onEvent({ event = 'message', id, data }) {
      if (isOver || event === 'ping') return
      const item: unknown = data === '' ? '' : JSON.parse(data)
      events.push({ event, ...(id === undefined ? {} : { id: Number(id) }), data: item })
      isOver = JSON.stringify(item).includes('"head"')
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    if (isOver) return
  }
}
