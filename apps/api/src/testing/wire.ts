import { type IncomingHttpHeaders, request } from 'node:http'
import { APP_CODES, list, task } from '@taskwire/contract'
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

/** One request as it is: fetch would mend some of what is sent here. */
export async function send(url: string, { method = 'GET', path, headers = {}, body }: Sent): Promise<Received> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    // A server that has answered may hang up before it has read everything.
    sent.on('error', reject).end(body)
  })
}

/** What contract.md says of a refusal, and nothing else. */
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
    current: z.union([task, list]).optional(),
    revision: z.int().optional(),
  }),
})
type Refusal = z.infer<typeof refusalShape>

/** One call's refusal, held against the contract. */
export function checkRefusal(error: unknown): Refusal {
  const refusal = refusalShape.parse(error)
  const { appCode, code, httpStatus, retryable, retryAfterMs, fields } = refusal.data
  const wanted = APP_CODES[appCode]
  if (code !== wanted.code || httpStatus !== wanted.httpStatus || retryable !== wanted.retryable)
    throw new Error(`Not what the contract says of ${appCode}: ${JSON.stringify(refusal)}`)
  // NOT_FOUND of an address names none.
  if (appCode === 'VALIDATION' ? fields === undefined : fields !== undefined && appCode !== 'NOT_FOUND')
    throw new Error('fields go with VALIDATION, and with NOT_FOUND of a call')
  if ((httpStatus === 503 || httpStatus === 429) !== (retryAfterMs !== undefined))
    throw new Error('retryAfterMs goes with 429 and 503 alone')
  return refusal
}

/** The refusal of a whole answer, held against the contract and the response that carries it. */
export function refusalOf({ status, headers, text }: Received): Refusal['data'] & { message: string; number: number } {
  const { error } = z.strictObject({ error: z.unknown() }).parse(JSON.parse(text))
  const { data, message, code } = checkRefusal(error)
  if (data.httpStatus !== status) throw new Error(`The status is ${status}, and not ${data.httpStatus}`)
  if (data.requestId !== headers['x-request-id']) throw new Error('X-Request-Id is not that of the refusal')
  const seconds = data.retryAfterMs === undefined ? undefined : String(Math.ceil(data.retryAfterMs / 1000))
  if (headers['retry-after'] !== seconds) throw new Error('Retry-After is not that of the refusal')
  return { ...data, message, number: code }
}
