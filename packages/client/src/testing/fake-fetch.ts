import { APP_CODES, type AppErrorData, type KnownAppCode } from '@taskwire/contract/errors'
import type { Fetch } from '../send.ts'

/** A request as the client sent it. */
export interface Sent {
  url: URL
  method: string
  headers: Headers
  credentials: RequestCredentials | undefined
  signal: AbortSignal | undefined
  /** The size of the body in bytes. */
  bytes: number
  /** The calls of the batch, in order. */
  calls: { path: string; input: unknown }[]
}
export type Answer = (sent: Sent) => Response | Promise<Response>

/** Responds to the first request with the first answer, and so on; the last answer is used for all further requests. */
export function fakeFetch(...answers: Answer[]): { fetch: Fetch; sent: Sent[] } {
  const sent: Sent[] = []
  return {
    sent,
    async fetch(input, init) {
      if (typeof input !== 'string') throw new TypeError('The client calls fetch with a string')
      const request = read(input, init ?? {})
      const answer = answers[Math.min(sent.push(request), answers.length) - 1]
      if (answer === undefined) throw new TypeError('No answer was given to the fake fetch')
      return await answer(request)
    },
  }
}

function read(address: string, { method = 'GET', headers, body, credentials, signal }: RequestInit): Sent {
  const url = new URL(address, 'http://relative')
  const text = typeof body === 'string' ? body : (url.searchParams.get('input') ?? '{}')
  const inputs = JSON.parse(text) as Record<string, unknown>
  const paths = url.pathname.split('/').at(-1)?.split(',') ?? []
  return {
    url,
    method,
    headers: new Headers(headers),
    credentials,
    signal: signal ?? undefined,
    bytes: typeof body === 'string' ? Buffer.byteLength(body) : 0,
    calls: paths.map((path, index) => ({ path, input: inputs[index] })),
  }
}

/** Responds to each call of the batch with `{ echo: input }`. */
export const echo: Answer = ({ calls }) =>
  Response.json(calls.map(({ input }) => ({ result: { data: { echo: input } } })))

/** The service's reply to a call that failed. */
export function refused(appCode: KnownAppCode | (string & {}), more: Partial<AppErrorData> = {}): object {
  const known = APP_CODES[appCode as KnownAppCode] ?? APP_CODES.INTERNAL
  const { code, httpStatus, retryable } = known
  return {
    error: {
      message: `refused: ${appCode}`,
      code: -32_000,
      data: { code, httpStatus, retryable, appCode, requestId: 'request-1', ...more },
    },
  }
}

/** Responds to each call of the batch with an error. */
export function refuse(appCode: KnownAppCode | (string & {}), more: Partial<AppErrorData> = {}): Answer {
  return ({ calls }) => Response.json(calls.map(() => refused(appCode, more)))
}

/** Responds with a page, as a proxy does instead of the service. */
export function page(status: number, headers: Record<string, string> = {}): Answer {
  return () =>
    new Response('<html>Bad Gateway</html>', { status, headers: { 'content-type': 'text/html', ...headers } })
}

/** Fails as the real fetch does if the connection is lost. */
export const cut: Answer = () => {
  throw new TypeError('fetch failed', { cause: new Error('ECONNRESET') })
}

/** Does not respond. When the client aborts, fails as the real fetch does. */
export const hang: Answer = ({ signal }) =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error))
  })
