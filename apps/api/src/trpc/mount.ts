import { CONTRACT_VERSION, LIMITS } from '@taskwire/contract'
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf, notSignedIn, refuseForeignPages } from '../auth/caller.ts'
import type { RequestContext } from '../procedures/context.ts'
import { AppError, toAppError } from '../errors.ts'
import { spreadRetries } from '../feed/retry.ts'
import { requireBounds } from './json-bounds.ts'
import { pacingFor } from '../limits/pacing.ts'
import { logFailure } from '../http/error-replies.ts'
import { bytesToCome } from '../http/sockets.ts'
import { answerPlain } from './plain.ts'
import { type Call, createCalls } from '../procedures/router.ts'
import { createRouter, requestIds } from './trpc-router.ts'
import { callError, retryAfter } from './shape.ts'

export interface MountOptions {
  /** Whose pages may call with the cookie. */
  origins: readonly string[]
  contextOf(request: FastifyRequest, reply: FastifyReply, signal: AbortSignal): RequestContext
  /** Before a long body is read: throws UNAUTHENTICATED where the credential is unknown, OVERLOADED where there is no room. */
  admitBody(request: FastifyRequest, reply: FastifyReply, bytes: number): Promise<void>
  /** For tests: true leaves every call to tRPC's own adapter. */
  officialAdapter?: boolean | undefined
}

/** Serves the calls below /trpc; all that is refused for a whole request is refused here. */
export async function mountCalls(
  app: FastifyInstance,
  { origins, contextOf, admitBody, officialAdapter = false }: MountOptions,
): Promise<void> {
  const calls = createCalls()
  app.addHook('onRequest', (request, reply, done) => {
    const { headers } = request
    refuseForeignPages(headers, origins)
    refuseOtherMajors(headers['x-taskwire-contract'])
    const bytes = bytesToCome(headers)
    const isNobody = callerOf(headers) === undefined
    if (isNobody && (bytes > 0 || needsCaller(calls, request.params))) {
      if (bytes > 0) reply.header('connection', 'close')
      throw notSignedIn(headers)
    }
    if (bytes <= UNVERIFIED_BYTES) return done()
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
  // Not async: what follows runs within.
  app.addHook('preHandler', (request, _reply, done) => requestIds.run(request.id, done))

  spreadRetries(app)

  const router = createRouter(calls)
  const trpcOptions: FastifyTRPCPluginOptions<typeof router>['trpcOptions'] = {
    router,
    maxBatchSize: LIMITS.batch,
    // What arrives whole aborts it no more, as hanging up before the answer does.
    createContext: ({ req, res, info }) => contextOf(req, res, info.signal),
    responseMeta: ({ errors, info }) => {
      // It sets Vary anew: what CORS has said goes behind.
      const headers = new Headers({ 'cache-control': 'no-store', vary: 'Origin' })
      // Where it could not read the request, it would call its answer text.
      if (info === undefined) headers.set('content-type', 'application/json')
      const wait = retryAfter(errors.map(callError))
      if (wait !== undefined) headers.set('retry-after', wait)
      return { headers }
    },
    // Its type says Request; the adapter hands over Fastify's.
    onError: ({ error, path, req, type }) => {
      // Why a stream has ended is in its own line.
      if (type !== 'subscription') logFailure(req, toAppError(callError(error)), path)
    },
  }
  await app.register(
    (scope, _options, done) => {
      fastifyTRPCPlugin(scope, { trpcOptions }, done)
      // In the plugin's own scope: it takes multipart for mutations, of any length. None here has a file.
      scope.removeContentTypeParser('multipart/form-data')
    },
    { prefix: '/trpc' },
  )
}

/** For hooks that seldom wait: a promise for each request is felt. */
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

/** Of a body that is read before its sender's credential has been seen to be good. */
const UNVERIFIED_BYTES = 64 * 1024

// What there is no procedure for is said to anybody.
function needsCaller(calls: ReadonlyMap<string, Call>, params: unknown): boolean {
  const { path = '' } = params as { path?: string }
  return path.split(',').some((name) => (calls.get(name)?.access ?? 'public') !== 'public')
}

const MAJOR = CONTRACT_VERSION.split('.', 1)[0]

function refuseOtherMajors(offered: string | string[] | undefined): void {
  if (offered !== undefined && offered.toString().split('.', 1)[0] !== MAJOR)
    throw new AppError(
      'CONTRACT_MISMATCH',
      `This service speaks version ${CONTRACT_VERSION} of the contract; use a client of the same major version.`,
    )
}
