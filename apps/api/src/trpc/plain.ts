import type { ServerResponse } from 'node:http'
import { LIMITS } from '@taskwire/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestContext } from '../procedures/context.ts'
import { type AppError, toAppError } from '../errors.ts'
import { logFailure } from '../http/error-replies.ts'
import { RawJson } from '../procedures/raw-json.ts'
import { pacingFor } from '../limits/pacing.ts'
import type { CallableProcedure } from '../procedures/router.ts'
import { errorBody, retryAfter } from './shape.ts'

/** The parts of a request that `readPlain` reads. */
export interface PlainRequest {
  method: string
  url: string
  headers: { 'content-type'?: string | undefined; accept?: string | undefined; 'trpc-accept'?: unknown }
  body?: unknown
}

/** The calls of a plain request (queries or mutations with a single reply), in order. */
export interface PlainCalls {
  batch: boolean
  calls: { path: string; procedure: CallableProcedure; input: unknown }[]
}

const QUERY = /^(batch=1(?:&|$))?(?:input=([^&]*))?$/

/**
 * Parses a well-formed request for queries or mutations with a single response, as tRPC does. Returns undefined for any
 * other request, which tRPC's own adapter then serves or refuses.
 */
export function readPlain(
  known: ReadonlyMap<string, CallableProcedure>,
  request: PlainRequest,
  prefix: string = '/trpc/',
): PlainCalls | undefined {
  const { method, url, headers, body } = request
  const kind = method === 'GET' ? 'query' : method === 'POST' ? 'mutation' : undefined
  if (kind === undefined || headers['trpc-accept'] !== undefined || headers.accept?.includes('jsonl')) return undefined
  const type = headers['content-type']
  if (type === undefined ? kind === 'mutation' : !type.startsWith('application/json')) return undefined
  const end = url.indexOf('?')
  const path = url.slice(prefix.length, end < 0 ? undefined : end)
  const query = QUERY.exec(end < 0 ? '' : url.slice(end + 1))
  if (query === null || path.includes('%') || !url.startsWith(prefix)) return undefined
  const batch = query[1] !== undefined
  const paths = batch ? path.split(',') : [path]
  if (paths.length > LIMITS.batch || (kind === 'mutation' && (query[2] !== undefined || typeof body !== 'string')))
    return undefined
  let input: unknown
  try {
    const text = kind === 'mutation' ? String(body) : query[2] && decodeURIComponent(query[2].replaceAll('+', ' '))
    input = text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
  if (batch && (typeof input !== 'object' || input === null || Array.isArray(input))) return undefined
  // A batch is an object, as checked above, with each call's input under its number.
  const inputs = batch ? (input as Record<number, unknown>) : [input]
  const calls: PlainCalls['calls'] = []
  for (const [at, name] of paths.entries()) {
    const procedure = known.get(name)
    if (procedure?.kind !== kind) return undefined
    calls.push({ path: name, procedure, input: inputs[at] })
  }
  return { batch, calls }
}

const asIs = (text: string): string => text

const SHORT = 4096
/** Node joins the head and a text body in one chunk, which copies both. A body of bytes is sent without a copy. */
const toBody = (text: string): string | Buffer => (text.length > SHORT ? Buffer.from(text) : text)

/** Returns a signal that aborts when the client hangs up. It is created when it is first used: most calls need none. */
function hangUpOf(response: ServerResponse): () => AbortSignal {
  let hangUp: AbortController | undefined
  return () => {
    if (hangUp !== undefined) return hangUp.signal
    const { signal } = (hangUp = new AbortController())
    if (response.destroyed) hangUp.abort()
    else response.once('close', () => response.writableFinished || hangUp?.abort())
    return signal
  }
}

// The same as tRPC's adapter sends.
const VARY = 'trpc-accept, accept, Origin'

export interface PlainOptions {
  calls: ReadonlyMap<string, CallableProcedure>
  contextOf(request: FastifyRequest, reply: FastifyReply, signal: () => AbortSignal): RequestContext
}

/**
 * Serves plain queries and mutations without tRPC's adapter, which takes longer than the database for a small call: it
 * creates a Request, a Response, Headers and streams for each request. The responses are the same.
 */
export function answerPlain(app: FastifyInstance, { calls: known, contextOf }: PlainOptions): void {
  const prefix = `${app.prefix}/trpc/`
  app.addHook('preHandler', async (request, reply) => {
    await pacingFor(request.body)?.()
    const plain = readPlain(known, request, prefix)
    if (plain === undefined) return undefined
    const { batch, calls } = plain
    const ctx = contextOf(request, reply, hangUpOf(reply.raw))
    const errors: AppError[] = []
    const answers = await Promise.all(
      calls.map(async ({ path, procedure, input }) => {
        try {
          const data = await procedure.run(ctx, async () => input)
          const text = data instanceof RawJson ? data.text : JSON.stringify(data)
          ctx.buffer.add(Buffer.byteLength(text ?? ''))
          return { status: 200, text: text === undefined ? '{"result":{}}' : `{"result":{"data":${text}}}` }
        } catch (error) {
          const appError = toAppError(error)
          logFailure(request, appError, path)
          errors.push(appError)
          return { status: appError.httpStatus, text: JSON.stringify({ error: errorBody(appError, request.id) }) }
        }
      }),
    )
    const [first] = answers
    const haveSameStatus = answers.every(({ status }) => status === first?.status)
    const wait = errors.length === 0 ? undefined : retryAfter(errors)
    if (wait !== undefined) reply.header('retry-after', wait)
    reply
      .code(haveSameStatus ? (first?.status ?? 200) : 207)
      .header('content-type', 'application/json')
      .header('cache-control', 'no-store')
      .header('vary', VARY)
      // With a serializer, Fastify adds no charset to the content type. tRPC's adapter adds none either.
      .serializer(asIs)
      .send(toBody(batch ? `[${answers.map(({ text }) => text).join()}]` : (first?.text ?? '')))
    return reply
  })
}
