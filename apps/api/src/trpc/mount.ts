import { CONTRACT_VERSION, LIMITS } from '@taskwire/contract'
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuseForeignPages } from '../caller.ts'
import type { RequestContext } from '../context.ts'
import { tooDeep } from '../json-bounds.ts'
import { AppError, toAppError } from '../errors.ts'
import { spreadRetries } from '../feed/retry.ts'
import { logFailure } from '../refusals.ts'
import { answerPlain } from './plain.ts'
import { createCalls, createRouter, requestIds } from './router.ts'
import { callError, retryAfter } from './shape.ts'

export interface MountOptions {
  /** Whose pages may call with the cookie. */
  origins: readonly string[]
  contextOf(request: FastifyRequest, reply: FastifyReply, signal: AbortSignal): RequestContext
  /** For tests: true leaves every call to tRPC's own adapter. */
  officialAdapter?: boolean | undefined
}

/** Serves the calls below /trpc; all that is refused for a whole request is refused here. */
export async function mountCalls(
  app: FastifyInstance,
  { origins, contextOf, officialAdapter = false }: MountOptions,
): Promise<void> {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    refuseForeignPages(headers, origins)
    refuseOtherMajors(headers['x-taskwire-contract'])
    done()
  })
  app.addHook('preHandler', (request, _reply, done) => {
    const { input } = request.query as { input?: unknown }
    for (const text of [request.body, input].flat())
      if (typeof text === 'string' && tooDeep(text, LIMITS.depth))
        throw new AppError('VALIDATION', `The input is nested deeper than ${LIMITS.depth} levels.`)
    done()
  })
  const calls = createCalls()
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
  await app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions })
  // The plugin takes multipart for mutations: none here has a file.
  app.removeContentTypeParser('multipart/form-data')
}

const MAJOR = CONTRACT_VERSION.split('.', 1)[0]

function refuseOtherMajors(offered: string | string[] | undefined): void {
  if (offered !== undefined && offered.toString().split('.', 1)[0] !== MAJOR)
    throw new AppError(
      'CONTRACT_MISMATCH',
      `This service speaks version ${CONTRACT_VERSION} of the contract; use a client of the same major version.`,
    )
}
