import { type IncomingHttpHeaders, request } from 'node:http'
import { APP_CODES, list, task, user } from '@taskwire/contract'
import { z } from 'zod'

export interface Sent {
  method?: string
  path: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}

export interface Received {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Sends one request exactly as given. (fetch would correct some requests.) */
export async function send(url: string, { method = 'GET', path, headers = {}, body }: Sent): Promise<Received> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    // The server may hang up after its reply, before it has read the whole body.
    sent.on('error', reject).end(body)
  })
}

/** The shape of a refusal according to docs/contract.md; no other fields are allowed. */
const refusalShape = z.strictObject({
  message: z.string().min(1),
  code: z.int(),
  data: z.strictObject({
    code: z.string(),
    httpStatus: z.int(),
    appCode: z.enum(Object.keys(APP_CODES) as (keyof typeof APP_CODES)[]),
    requestId: z.string().min(1),
    retryable: z.boolean(),
    retryAfterMs: z.int().positive().optional(),
    fields: z
      .array(z.strictObject({ path: z.string(), message: z.string().min(1) }))
      .min(1)
      .optional(),
    current: z.union([task, list, user]).optional(),
    revision: z.int().optional(),
  }),
})
type Refusal = z.infer<typeof refusalShape>

/** Checks a call's refusal against the contract. */
export function checkRefusal(error: unknown): Refusal {
  const refusal = refusalShape.parse(error)
  const { appCode, code, httpStatus, retryable, retryAfterMs, fields } = refusal.data
  const expected = APP_CODES[appCode]
  if (code !== expected.code || httpStatus !== expected.httpStatus || retryable !== expected.retryable)
    throw new Error(`Does not match ${appCode} in the contract: ${JSON.stringify(refusal)}`)
  // NOT_FOUND for an unknown URL has no fields.
  if (appCode === 'VALIDATION' ? fields === undefined : fields !== undefined && appCode !== 'NOT_FOUND')
    throw new Error('Only VALIDATION, and NOT_FOUND of a call, have fields')
  if ((httpStatus === 503 || httpStatus === 429) !== (retryAfterMs !== undefined))
    throw new Error('Only the statuses 429 and 503 have retryAfterMs')
  return refusal
}

/** Checks the refusal of a whole request against the contract and the response, and returns it. */
export function refusalOf({ status, headers, text }: Received): Refusal['data'] & { message: string; number: number } {
  const { error } = z.strictObject({ error: z.unknown() }).parse(JSON.parse(text))
  const { data, message, code } = checkRefusal(error)
  if (data.httpStatus !== status) throw new Error(`The status is ${status} instead of ${data.httpStatus}`)
  if (data.requestId !== headers['x-request-id'])
    throw new Error('X-Request-Id differs from the requestId of the refusal')
  const seconds = data.retryAfterMs === undefined ? undefined : String(Math.ceil(data.retryAfterMs / 1000))
  if (headers['retry-after'] !== seconds) throw new Error('Retry-After differs from retryAfterMs of the refusal')
  return { ...data, message, number: code }
}
