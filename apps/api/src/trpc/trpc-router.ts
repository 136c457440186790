import { AsyncLocalStorage } from 'node:async_hooks'
import { APP_CODES, LIMITS } from '@taskwire/contract'
import { type AnyTRPCRouter, initTRPC, TRPCError } from '@trpc/server'
import type { RequestContext } from '../procedures/context.ts'
import { type AppError, toAppError } from '../errors.ts'
import { RawJson } from '../procedures/raw-json.ts'
import type { Call } from '../procedures/router.ts'
import { callError, errorBody } from './shape.ts'

/** The id of the request that is being answered, for refusals that come before its context is made. */
export const requestIds: AsyncLocalStorage<string> = new AsyncLocalStorage()

const t = initTRPC.context<RequestContext>().create({
  // Never a stack, whatever NODE_ENV says.
  isDev: false,
  // For tRPC's own link: three heartbeats missed, and it connects anew.
  sse: { client: { reconnectAfterInactivityMs: 3 * LIMITS.streamHeartbeatMs } },
  errorFormatter: ({ error, ctx }) => errorBody(callError(error), ctx?.requestId ?? requestIds.getStore() ?? ''),
})

type Opened = AsyncGenerator<unknown, void>

function build({ kind, run }: Call) {
  // tRPC has the raw input in middleware only; the schema is ours to run, for its messages.
  const procedure = t.procedure.use(async ({ getRawInput, next }) => await next({ ctx: { getRawInput } }))
  type Request = { ctx: RequestContext & { getRawInput: () => Promise<unknown> }; signal: AbortSignal | undefined }
  const resolve = async ({ ctx: { getRawInput, ...ctx }, signal }: Request): Promise<unknown> => {
    try {
      const data = await run(ctx, getRawInput, signal)
      if (kind !== 'subscription') {
        const text = data instanceof RawJson ? data.text : JSON.stringify(data)
        ctx.holding.add(Buffer.byteLength(text ?? ''))
      }
      return data
    } catch (error) {
      throw refusal(toAppError(error))
    }
  }
  if (kind === 'query') return procedure.query(resolve)
  if (kind === 'mutation') return procedure.mutation(resolve)
  // A subscription's handler opens a stream.
  return procedure.subscription(async (call) => refusing((await resolve(call)) as Opened))
}

async function* refusing(stream: Opened): Opened {
  try {
    yield* stream
  } catch (error) {
    throw refusal(toAppError(error))
  }
}

function refusal(appError: AppError): TRPCError {
  return new TRPCError({ code: APP_CODES[appError.appCode].code, message: appError.message, cause: appError })
}

/** The calls as tRPC's router. Clients take their types from the contract, not from here. */
export function createRouter(calls: ReadonlyMap<string, Call>): AnyTRPCRouter {
  const namespaces = Map.groupBy(calls, ([path]) => path.split('.', 1)[0] ?? '')
  return t.router(
    Object.fromEntries(
      [...namespaces].map(([namespace, entries]) => [
        namespace,
        t.router(Object.fromEntries(entries.map(([path, call]) => [path.slice(namespace.length + 1), build(call)]))),
      ]),
    ),
  )
}
