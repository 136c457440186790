import { type AnyProcedure, contract } from '@taskwire/contract'
import { expect } from 'vitest'
import { checkAnswer } from '../check-reply.ts'
import { openRawStream } from '../streams.ts'

export const procedures = new Map<string, AnyProcedure>(
  Object.entries(contract).flatMap(([namespace, verbs]) =>
    Object.entries<AnyProcedure>(verbs).map(([verb, procedure]) => [`${namespace}.${verb}`, procedure] as const),
  ),
)

export interface CallResult {
  outcome: string
  /** The paths of the fields in the refusal. */
  fields: string[]
  /** The whole reply. All requests have the same request id, so that replies can be compared. */
  text: string
}

const requestId = { 'x-request-id': 'the-same' }

type Headers = Record<string, string>

export interface Calls {
  call(path: string, input: unknown, headers: Headers): Promise<CallResult>
  /** Sends several calls in one request. */
  callBatch(path: string, inputs: readonly unknown[], headers: Headers): Promise<CallResult[]>
}

/** Creates functions that call a service; no reply may contain `canary`. */
export function createCalls(url: string, canary: string): Calls {
  async function send(paths: readonly string[], inputs: readonly unknown[], headers: Headers) {
    const [path = ''] = paths
    const batch = paths.length > 1
    const kind = procedures.get(path)?.kind
    if (kind === 'subscription') return await open(path, inputs[0], headers)
    const query = kind === 'query'
    const sent = JSON.stringify(batch ? Object.assign({}, inputs) : inputs[0])
    const search = new URLSearchParams({ ...(batch && { batch: '1' }), ...(query && { input: sent }) })
    const response = await fetch(`${url}/trpc/${paths.join(',')}?${search.toString()}`, {
      method: query ? 'GET' : 'POST',
      headers: { ...headers, ...requestId, 'content-type': 'application/json' },
      ...(query ? {} : { body: sent }),
    })
    return await response.text()
  }

  /** Opens a stream; returns its first item or its refusal, in the form of a reply. */
  async function open(path: string, input: unknown, headers: Headers): Promise<string> {
    using stream = await openRawStream(url, { ...headers, ...requestId }, input, path)
    // Without a credential, the whole request is refused.
    if (stream.status !== 200) {
      await stream.ended
      return stream.text()
    }
    await stream.next('connected')
    const { event, data } = await stream.next()
    return JSON.stringify(event === 'message' ? { result: { data } } : { error: data })
  }

  function parseReply(path: string, text: string): CallResult {
    const { error } = checkAnswer(path, JSON.parse(text))
    // A service that manages accounts sees all of them.
    if (path !== 'users.list' || error !== undefined) expect(text).not.toContain(canary)
    return { outcome: error?.data.appCode ?? 'OK', fields: (error?.data.fields ?? []).map(({ path }) => path), text }
  }

  async function call(path: string, input: unknown, headers: Headers): Promise<CallResult> {
    return parseReply(path, await send([path], [input], headers))
  }

  async function callBatch(path: string, inputs: readonly unknown[], headers: Headers): Promise<CallResult[]> {
    const answers = JSON.parse(
      await send(
        inputs.map(() => path),
        inputs,
        headers,
      ),
    ) as unknown[]
    return answers.map((answer) => parseReply(path, JSON.stringify(answer)))
  }

  return { call, callBatch }
}
