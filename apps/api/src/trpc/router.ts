import { AsyncLocalStorage } from 'node:async_hooks'
import { type AnyProcedure, APP_CODES, contract, LIMITS } from '@taskwire/contract'
import { type AnyTRPCRouter, initTRPC, TRPCError } from '@trpc/server'
import type { ZodError } from 'zod'
import { canonicalJson, sha256 } from '../canonical.ts'
import type { CallContext, RequestContext, StreamContext } from '../context.ts'
import { AppError, toAppError } from '../errors.ts'
import { parseInput } from '../parse-input.ts'
import { type Handlers, handlers } from './handlers.ts'
import { callError, errorBody, fieldsOf } from './shape.ts'

/** The id of the request that is being answered, for refusals that come before its context is made. */
export const requestIds: AsyncLocalStorage<string> = new AsyncLocalStorage()

const t = initTRPC.context<RequestContext>().create({
  // Never a stack, whatever NODE_ENV says.
  isDev: false,
  // For tRPC's own link: three heartbeats missed, and it connects anew.
  sse: { client: { reconnectAfterInactivityMs: 3 * LIMITS.streamHeartbeatMs } },
  errorFormatter: ({ error, ctx }) => errorBody(callError(error), ctx?.requestId ?? requestIds.getStore() ?? ''),
})

type AnyHandler = (ctx: CallContext | StreamContext, input: unknown) => Promise<unknown>
type Opened = AsyncGenerator<unknown, void>

// What counts as the same mutation: the procedure and its input as sent.
function payloadHash(path: string, raw: unknown): Buffer {
  const { mutationId: _id, expectedRevision: _seen, ...sent } = raw as Record<string, unknown>
  return sha256(`${path} ${canonicalJson(sent)}`)
}

function build({ kind, access, input }: AnyProcedure, handler: AnyHandler, path: string) {
  const resolve = async ({
    ctx,
    getRawInput,
    signal,
  }: {
    ctx: RequestContext
    getRawInput: () => Promise<unknown>
    signal: AbortSignal | undefined
  }): Promise<unknown> => {
    const started = performance.now()
    let outcome = 'OK'
    try {
      await ctx.admit(access)
      const given = await getRawInput()
      // Without an input it is asked for what it gives by default.
      const raw = given === undefined && kind !== 'mutation' ? {} : given
      const parsed = parseInput(input, raw)
      // A call that may not be made is told so before its input is judged.
      if (access !== 'public' && ctx.caller === undefined)
        throw new AppError(
          'UNAUTHENTICATED',
          'Not signed in: send the session cookie, or Authorization: Bearer with a session token or a key.',
        )
      if (!parsed.success) throw validation(parsed.error)
      const mutating = kind === 'mutation'
      const mutation = {
        id: mutating ? ((parsed.data as { mutationId?: string }).mutationId ?? null) : null,
        payload: mutating ? payloadHash(path, raw) : EMPTY,
      }
      // Public procedures look at neither the caller nor the mutation.
      const call = { ...ctx, caller: ctx.caller ?? NOBODY, need: access, mutation }
      return await handler(signal === undefined ? call : { ...call, signal }, parsed.data)
    } catch (error) {
      const appError = toAppError(error instanceof TRPCError ? callError(error) : error)
      outcome = appError.appCode
      throw refusal(appError)
    } finally {
      ctx.onCall(path, outcome, performance.now() - started)
    }
  }
  // tRPC has the raw input in middleware only; the schema is ours to run, for its messages.
  const procedure = t.procedure.use(async ({ ctx, getRawInput, next }) => await next({ ctx: { ...ctx, getRawInput } }))
  type Run = { ctx: RequestContext & { getRawInput: () => Promise<unknown> }; signal: AbortSignal | undefined }
  const run = async ({ ctx, signal }: Run): Promise<unknown> => {
    const { getRawInput, ...request } = ctx
    return await resolve({ ctx: request, getRawInput, signal })
  }
  if (kind === 'query') return procedure.query(run)
  if (kind === 'mutation') return procedure.mutation(run)
  // A subscription's handler opens a stream.
  return procedure.subscription(async (call) => refusing((await run(call)) as Opened))
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

const EMPTY = new Uint8Array(32)
const NOBODY = { credential: EMPTY, actingAs: null }

function validation(error: ZodError): AppError {
  const fields = fieldsOf(error)
  const [first] = fields
  const where = first === undefined || first.path === '' ? 'it' : first.path
  return new AppError('VALIDATION', `The input is not valid: ${where} ${first?.message ?? ''}`, { fields })
}

/** The router of every procedure in the contract. Clients take their types from the contract, not from here. */
export function createRouter(table: Handlers = handlers): AnyTRPCRouter {
  const namespaces = Object.entries(contract).map(([namespace, procedures]) => {
    const verbs: Record<string, AnyHandler> = table[namespace as keyof Handlers] as unknown as Record<
      string,
      AnyHandler
    >
    const built = Object.entries<AnyProcedure>(procedures).map(([name, procedure]) => {
      const handler = verbs[name]
      if (handler === undefined) throw new Error(`${namespace}.${name} has no handler`)
      return [name, build(procedure, handler, `${namespace}.${name}`)] as const
    })
    return [namespace, t.router(Object.fromEntries(built))] as const
  })
  return t.router(Object.fromEntries(namespaces))
}
