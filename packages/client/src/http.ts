import type { AppErrorData } from '@taskwire/contract/errors'

/** The global fetch, or what stands in for it. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** The address without slashes at its end. */
export function baseOf(url: string): string {
  if (!/^(https?:\/\/|\/|$)/i.test(url))
    throw new TypeError('The url of the service is not an address such as https://tasks.example.com')
  return url.replace(/\/+$/, '')
}

/** An answer that is not the service's: a proxy's page, or nothing that can be read. */
export class UnreadableAnswer extends Error {
  override name = 'UnreadableAnswer'
  readonly httpStatus: number
  readonly retryAfterMs: number | undefined

  constructor({ status, headers }: Response, cause?: unknown) {
    super(`The answer, with status ${status}, is not the service's`, { cause })
    this.httpStatus = status
    this.retryAfterMs = retryAfterMs(headers)
  }

  /** Whether the same request may fare better later: not where it was refused as it stands. */
  get retryable(): boolean {
    return this.httpStatus < 400 || this.httpStatus >= 500 || [408, 425, 429].includes(this.httpStatus)
  }
}

/** The wait that an answer asks for; undefined where it asks for none, or for a date. */
export function retryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? ''
  return /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined
}

/** A refusal of the whole request, before any call of it was looked at. */
export interface PlainRefusal {
  error: { message: string; data: AppErrorData }
}

export function isPlainRefusal(body: unknown): body is PlainRefusal {
  const { error } = (body ?? {}) as { error?: { data?: { appCode?: unknown } } }
  return typeof error?.data?.appCode === 'string'
}

/** The answer to a subscription; throws what else was answered: a refusal, in the shape of tRPC's, or nothing of the service's. */
export async function readStream(response: Response): Promise<Response> {
  if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) return response
  const body: unknown = await response.json().catch(() => {})
  throw isPlainRefusal(body) ? numbered(body) : new UnreadableAnswer(response)
}

// tRPC takes for an error only what has a number of JSON-RPC's.
const numbered = ({ error }: PlainRefusal): object => ({ error: { code: -32_600, ...error } })

/** The answer to a batch, in tRPC's shape: one entry a call, or one refusal of all. */
export async function readAnswer(response: Response): Promise<{ ok: boolean; json(): Promise<unknown> }> {
  const { ok } = response
  const text = await response.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw new UnreadableAnswer(response, cause)
  }
  if (Array.isArray(body)) return { ok, json: async () => body }
  if (!isPlainRefusal(body)) throw new UnreadableAnswer(response)
  const refusal = numbered(body)
  return { ok, json: async () => refusal }
}
