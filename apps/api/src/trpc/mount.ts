import { CONTRACT_VERSION, LIMITS } from '@taskwire/contract'
import { fastifyRequestHandler, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf, type Identification, identify, notSignedIn, refuseForeignPages } from '../auth/caller.ts'
import type { RequestContext } from '../procedures/context.ts'
import { AppError, toAppError } from '../errors.ts'
import { spreadRetries } from '../feed/retry.ts'
import { requireBounds } from './json-bounds.ts'
import { pacingFor } from '../limits/pacing.ts'
import { logFailure, nothingServed } from '../http/error-replies.ts'
import { announcedBytes } from '../http/sockets.ts'
import { answerPlain } from './plain.ts'
import { type CallableProcedure, createCallables } from '../procedures/router.ts'
import { createRouter, requestIds } from './trpc-router.ts'
import { callError, retryAfter } from './shape.ts'

export interface MountOptions {
  /** Origins whose pages may call with the cookie. */
  origins: readonly string[]
  /** Returns the origin at which a host received the request. Pages of that origin may call too. */
  ownOriginOf?: ((request: FastifyRequest) => string) | undefined
  contextOf(request: FastifyRequest, reply: FastifyReply, signal: () => AbortSignal): RequestContext
  /** Called before a long body is read. Throws UNAUTHENTICATED, OVERLOADED or UNAVAILABLE. */
  admitBody(request: FastifyRequest, reply: FastifyReply, bytes: number): Promise<void>
  identification: Identification
  /** For tests: true serves every call by tRPC's own adapter. */
  officialAdapter?: boolean | undefined
}

/** Serves the calls below /trpc. Refuses all calls of a request if its headers are wrong or it is too large. */
export async function mountCalls(
  app: FastifyInstance,
  { origins, ownOriginOf, contextOf, admitBody, identification, officialAdapter = false }: MountOptions,
): Promise<void> {
  const calls = createCallables()
  const { voucher, cookie } = identification
  identifyCallers(app, identification)
  app.addHook('onRequest', (request, reply, done) => {
    const { headers } = request
    const path = pathOf(request)
    if (path.includes('/')) throw nothingServed()
    if (path.length > MOST_PATH)
      throw new AppError('LIMIT_EXCEEDED', 'The URL is too long; send fewer calls in one request.')
    // A page could set the header by which a host learns its own name (trustProxy). No page can set this one.
    const site = headers['sec-fetch-site']
    const isOwnPage = site === undefined || site === 'same-origin'
    const allowed = ownOriginOf === undefined || !isOwnPage ? origins : [...origins, ownOriginOf(request)]
    const isAmbient = voucher?.isAmbient === true && callerOf(request)?.vouched !== undefined
    refuseForeignPages(headers, cookie, allowed, isAmbient)
    refuseOtherMajors(headers['x-taskwire-contract'])
    const bytes = announcedBytes(request.raw)
    const hasCaller = callerOf(request) !== undefined
    if (!hasCaller && (bytes > 0 || needsCaller(calls, path))) {
      if (bytes > 0) reply.header('connection', 'close')
      throw notSignedIn(request)
    }
    if (bytes <= UNVERIFIED_BODY_BYTES) return done()
    void callBack(done, async () => {
      try {
        await admitBody(request, reply, Math.min(bytes, LIMITS.bodyBytes))
      } catch (error) {
        reply.header('connection', 'close')
        throw error
      }
    })
  })
  app.addHook('preHandler', (request, _reply, done) => {
    const pace = pacingFor(request.body)
    if (pace === undefined) {
      checkBounds(request)
      return done()
    }
    void callBack(done, async () => {
      await pace()
      checkBounds(request)
    })
  })
  if (!officialAdapter) answerPlain(app, { calls, contextOf })
  // Not an async hook: `done` has to run the rest of the request within the storage.
  app.addHook('preHandler', (request, _reply, done) => requestIds.run(request.id, done))

  spreadRetries(app)

  const trpcOptions = adapterOptions(calls, contextOf)
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  // Not fastifyTRPCPlugin: its route has a path parameter, whose length a host may limit to less than a batch needs. It
  // would also accept multipart bodies of any length.
  app.all('/trpc/*', async (req, res) => {
    const path = pathOf(req)
    await fastifyRequestHandler({ ...trpcOptions, req, res, path })
    return res
  })
}

function identifyCallers(app: FastifyInstance, identification: Identification): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const identified = identify(identification, request)
    if (identified === undefined) return done()
    void callBack(done, async () => await identified)
  })
}

function adapterOptions(
  calls: ReadonlyMap<string, CallableProcedure>,
  contextOf: MountOptions['contextOf'],
): FastifyTRPCPluginOptions<ReturnType<typeof createRouter>>['trpcOptions'] {
  const router = createRouter(calls)
  return {
    router,
    maxBatchSize: LIMITS.batch,
    // tRPC's signal aborts when the client disconnects before the response.
    createContext: ({ req, res, info }) => contextOf(req, res, () => info.signal),
    responseMeta: ({ errors, info }) => {
      // The adapter overwrites the Vary header of the CORS plugin.
      const headers = new Headers({ 'cache-control': 'no-store', vary: 'Origin' })
      // If the adapter cannot parse the request, it sends its JSON without this type.
      if (info === undefined) headers.set('content-type', 'application/json')
      const wait = retryAfter(errors.map(callError))
      if (wait !== undefined) headers.set('retry-after', wait)
      return { headers }
    },
    // The adapter passes Fastify's request, though the type says Request.
    onError: ({ error, path, req, type }) => {
      // The end of a stream is logged where the stream closes.
      if (type !== 'subscription') logFailure(req, toAppError(callError(error)), path)
    },
  }
}

/** Calls `done` after the work. For hooks that rarely wait: an async hook would create a promise for each request. */
async function callBack(done: (error?: Error) => void, work: () => Promise<void>): Promise<void> {
  let failure: Error | undefined
  try {
    await work()
  } catch (error) {
    failure = toAppError(error)
  }
  done(failure)
}

function checkBounds({ body, query }: FastifyRequest): void {
  const { input } = query as { input?: unknown }
  for (const text of [body, input].flat()) if (typeof text === 'string') requireBounds(text)
}

/** The names of the procedures, separated by commas, as the URL has them. */
function pathOf({ params }: FastifyRequest): string {
  const { '*': path = '' } = params as { '*'?: string }
  return path
}

const MOST_PATH = 5000

/** The longest body that is read before the credential is verified. */
const UNVERIFIED_BODY_BYTES = 64 * 1024

// Unknown procedures need no caller: anyone may learn that they do not exist.
function needsCaller(calls: ReadonlyMap<string, CallableProcedure>, path: string): boolean {
  return path.split(',').some((name) => (calls.get(name)?.access ?? 'public') !== 'public')
}

const MAJOR = CONTRACT_VERSION.split('.', 1)[0]

function refuseOtherMajors(offered: string | string[] | undefined): void {
  if (offered !== undefined && offered.toString().split('.', 1)[0] !== MAJOR)
    throw new AppError(
      'CONTRACT_MISMATCH',
      `This service has version ${CONTRACT_VERSION} of the contract; use a client of the same major version.`,
    )
}
