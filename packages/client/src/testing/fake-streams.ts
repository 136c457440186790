import type { Change } from '@taskwire/contract/change'
import { type Client, type ClientOptions, createClient, type FeedStatus } from '../index.ts'

export interface Received {
  url: URL
  headers: Headers
  credentials: RequestCredentials | undefined
  signal: AbortSignal | undefined
}
export type Answer = Response | ((request: Received) => Response | Promise<Response>)

/** Responds to the first connection with the first answer, and so on; the last answer is used for all further ones. */
export function service(
  answers: Answer[],
  options: Partial<ClientOptions> = {},
): { client: Client; received: Received[] } {
  const received: Received[] = []
  const client = createClient({
    url: 'http://service',
    token: 'secret',
    retry: { delayMs: 1 },
    async fetch(input, init = {}) {
      if (typeof input !== 'string') throw new TypeError('The client calls fetch with a string')
      const { headers, credentials, signal } = init
      const request = { url: new URL(input), headers: new Headers(headers), credentials, signal: signal ?? undefined }
      const answer = answers[Math.min(received.push(request), answers.length) - 1]
      if (answer === undefined) throw new TypeError('There is no answer')
      return typeof answer === 'function' ? await answer(request) : answer
    },
    ...options,
  })
  return { client, received }
}

export const change = (revision: number): Change => ({
  revision,
  commit: revision,
  at: '2026-11-22T09:30:00.000Z',
  mutationId: null,
  requestId: null,
  actor: { kind: 'user', userId: 'u', keyId: null },
  action: 'create',
  entity: 'task',
  entityId: `${revision}`,
  before: null,
  after: { title: 'Milch 🥛' },
})
export const connected = 'event: connected\ndata: {"reconnectAfterInactivityMs":1}\n\n\n'
export const item = (id: number, data: object): string => `data: ${JSON.stringify(data)}\nid: ${id}\n\n\n`
export const changed = (revision: number): string => item(revision, { type: 'change', change: change(revision) })
export const head = (revision: number): string => item(revision, { type: 'head', revision })

/** Returns an event stream of these texts; `then` is what happens after them. */
export function stream(
  texts: readonly (string | Uint8Array)[],
  then: 'end' | 'break' | 'silence' = 'silence',
): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) controller.enqueue(typeof text === 'string' ? encoder.encode(text) : text)
      if (then === 'end') controller.close()
      if (then === 'break') setTimeout(() => controller.error(new TypeError('terminated')))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
}

export interface Followed {
  revisions: number[]
  statuses: FeedStatus[]
  last: number | undefined
}

/** Follows until the revision `upTo` has been processed and the state is live. */
export async function follow(client: Client, upTo: number, after?: number): Promise<Followed> {
  const [revisions, statuses]: [number[], FeedStatus[]] = [[], []]
  const stopping = new AbortController()
  const last = await client.changes.follow({
    after,
    signal: stopping.signal,
    onChange: ({ revision }) => void revisions.push(revision),
    onStatus(status) {
      statuses.push(status)
      if (status.state === 'live' && (revisions.at(-1) ?? after ?? 0) >= upTo) stopping.abort()
    },
  })
  return { revisions, statuses, last }
}
export const statesOf = ({ statuses }: Followed): string[] =>
  statuses.map((status) => (status.state === 'offline' ? status.cause.appCode : status.state))
