import { AsyncLocalStorage } from 'node:async_hooks'
import { APP_CODES, LIMITS } from '@taskwire/contract'
import { type AnyTRPCRouter, initTRPC, TRPCError } from '@trpc/server'
import type { RequestContext } from '../procedures/context.ts'
import { type AppError, toAppError } from '../errors.ts'
import { RawJson } from '../procedures/raw-json.ts'
import type { CallableProcedure } from '../procedures/router.ts'
import { callError, errorBody } from './shape.ts'

/** The id of the current request, for errors before its context exists. */
export const requestIds: AsyncLocalStorage<string> = new AsyncLocalStorage()

const t = initTRPC.context<RequestContext>().create({
  // Otherwise NODE_ENV could add stacks to errors.
  isDev: false,
  // tRPC's own link reconnects after three missed heartbeats.
  sse: { client: { reconnectAfterInactivityMs: 3 * LIMITS.streamHeartbeatMs } },
  errorFormatter: ({ error, ctx }) => errorBody(callError(error), ctx?.requestId ?? requestIds.getStore() ?? ''),
})

type OpenStream = AsyncGenerator<unknown, void>

function createProcedure({ kind, run }: CallableProcedure) {
  // tRPC gives the raw input only to middleware. `run` parses it, so that errors have the contract's messages.
  const procedure = t.procedure.use(async ({ getRawInput, next }) => await next({ ctx: { getRawInput } }))
  type Request = { ctx: RequestContext & { getRawInput: () => Promise<unknown> }; signal: AbortSignal | undefined }
  const resolve = async ({ ctx: { getRawInput, ...ctx }, signal }: Request): Promise<unknown> => {
    try {
      const data = await run(ctx, getRawInput, signal && (() => signal))
      if (kind !== 'subscription') {
        const text = data instanceof RawJson ? data.text : JSON.stringify(data)
        ctx.buffer.add(Buffer.byteLength(text ?? ''))
      }
      return data
    } catch (error) {
      throw trpcError(toAppError(error))
    }
  }
  if (kind === 'query') return procedure.query(resolve)
  if (kind === 'mutation') return procedure.mutation(resolve)
  // A subscription's handler opens a stream.
  return procedure.subscription(async (call) => withTrpcErrors((await resolve(call)) as OpenStream))
}

async function* withTrpcErrors(stream: OpenStream): OpenStream {
  try {
    yield* stream
  } catch (error) {
    throw trpcError(toAppError(error))
  }
}

function trpcError(appError: AppError): TRPCError {
  return new TRPCError({ code: APP_CODES[appError.appCode].code, message: appError.message, cause: appError })
}

/** Creates tRPC's router of all calls. Clients get their types from the contract, not from this router. */
export function createRouter(calls: ReadonlyMap<string, CallableProcedure>): AnyTRPCRouter {
  const namespaces = Map.groupBy(calls, ([path]) => path.split('.', 1)[0] ?? '')
  return t.router(
    Object.fromEntries(
      [...namespaces].map(([namespace, entries]) => [
        namespace,
        t.router(
          Object.fromEntries(entries.map(([path, call]) => [path.slice(namespace.length + 1), createProcedure(call)])),
        ),
      ]),
    ),
  )
}
