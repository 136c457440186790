import { AsyncLocalStorage } from 'node:async_hooks'
import { type AnyProcedure, APP_CODES, contract, LIMITS } from '@taskwire/contract'
import type { Caller } from '@taskwire/db'
import { type AnyTRPCRouter, initTRPC, TRPCError } from '@trpc/server'
import type { ZodError } from 'zod'
import { notSignedIn } from '../caller.ts'
import { canonicalJson, sha256 } from '../canonical.ts'
import type { CallContext, RequestContext } from '../context.ts'
import { AppError, toAppError } from '../errors.ts'
import { MadeJson } from '../made-json.ts'
import { parseInput, parsePaced } from '../parse-input.ts'
import { shapeOf } from '../shapes.ts'
import { type Handlers, handlers } from './handlers.ts'
import { callError, errorBody, FIELDS_SHOWN, fieldsOf } from './shape.ts'

/** The id of the request that is being answered, for refusals that come before its context is made. */
export const requestIds: AsyncLocalStorage<string> = new AsyncLocalStorage()

const t = initTRPC.context<RequestContext>().create({
  // Never a stack, whatever NODE_ENV says.
  isDev: false,
  // For tRPC's own link: three heartbeats missed, and it connects anew.
  sse: { client: { reconnectAfterInactivityMs: 3 * LIMITS.streamHeartbeatMs } },
  errorFormatter: ({ error, ctx }) => errorBody(callError(error), ctx?.requestId ?? requestIds.getStore() ?? ''),
})

type AnyHandler = (ctx: CallContext, input: unknown) => Promise<unknown>
type Opened = AsyncGenerator<unknown, void>

/** A procedure as it is called, whoever has read the request. */
export interface Call {
  kind: AnyProcedure['kind']
  access: AnyProcedure['access']
  /** Rejects with an AppError. */
  run(ctx: RequestContext, readInput: () => Promise<unknown>, signal?: AbortSignal): Promise<unknown>
}

// What counts as the same mutation: the procedure and its input as sent, but for its id and `expectedRevision`, by
// which a caller says what it has seen, and not what it wants.
function payloadHash(path: string, raw: unknown): Buffer {
  const { mutationId: _id, expectedRevision: _seen, ...sent } = raw as Record<string, unknown>
  return sha256(`${path} ${canonicalJson(sent)}`)
}

function createCall({ kind, access, input }: AnyProcedure, handler: AnyHandler, path: string): Call {
  return {
    kind,
    access,
    async run(ctx, readInput, signal = ctx.signal) {
      const started = performance.now()
      let outcome = 'OK'
      try {
        if (access !== 'public') {
          // Before its input is looked at.
          if (ctx.caller === undefined) throw notSignedIn()
          ctx.requirePrepared()
        }
        const given = await readInput()
        // Without an input it is asked for what it gives by default.
        const raw = given === undefined && kind !== 'mutation' ? {} : given
        const { pace } = ctx
        const parsed =
          pace === undefined ? parseInput(input, raw) : await parsePaced(input, raw, { pace, mostIssues: FIELDS_SHOWN })
        if (!parsed.success) throw validation(parsed.error)
        const id = kind === 'mutation' ? ((parsed.data as { mutationId?: string }).mutationId ?? null) : null
        if (id !== null) await pace?.()
        const mutation = { id, payload: id === null ? EMPTY : payloadHash(path, raw) }
        await pace?.()
        // Public procedures look at neither the caller nor the mutation.
        const caller = inSpaceOf(path, ctx.caller ?? NOBODY)
        const reach = ctx.reachAs(caller, shapeOf(path, parsed.data))
        return await handler({ ...ctx, ...reach, signal, caller, need: access, mutation }, parsed.data)
      } catch (error) {
        const appError = toAppError(error instanceof TRPCError ? callError(error) : error)
        outcome = appError.appCode
        throw appError
      } finally {
        ctx.onCall(path, outcome, performance.now() - started)
      }
    },
  }
}

/** What belongs to the account is the same from every space. */
function inSpaceOf(path: string, caller: Caller): Caller {
  return caller.spaceId !== null && /^(me|keys)\./.test(path) ? { ...caller, spaceId: null } : caller
}

function build({ kind, run }: Call) {
  // tRPC has the raw input in middleware only; the schema is ours to run, for its messages.
  const procedure = t.procedure.use(async ({ getRawInput, next }) => await next({ ctx: { getRawInput } }))
  type Request = { ctx: RequestContext & { getRawInput: () => Promise<unknown> }; signal: AbortSignal | undefined }
  const resolve = async ({ ctx: { getRawInput, ...ctx }, signal }: Request): Promise<unknown> => {
    try {
      const data = await run(ctx, getRawInput, signal)
      if (kind !== 'subscription') {
        const text = data instanceof MadeJson ? data.text : JSON.stringify(data)
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

const EMPTY = new Uint8Array(32)
const NOBODY: Caller = { credential: EMPTY, actingAs: null, spaceId: null }

function validation(error: Pick<ZodError, 'issues'>): AppError {
  const fields = fieldsOf(error)
  const [first] = fields
  const where = first === undefined || first.path === '' ? 'it' : first.path
  return new AppError('VALIDATION', `The input is not valid: ${where} ${first?.message ?? ''}`, { fields })
}

/** Every procedure of the contract by its path, such as `tasks.list`. */
export function createCalls(table: Handlers = handlers): ReadonlyMap<string, Call> {
  const calls = new Map<string, Call>()
  for (const [namespace, procedures] of Object.entries(contract)) {
    const verbs: Record<string, AnyHandler> = table[namespace as keyof Handlers] as unknown as Record<
      string,
      AnyHandler
    >
    for (const [name, procedure] of Object.entries<AnyProcedure>(procedures)) {
      const path = `${namespace}.${name}`
      const handler = verbs[name]
      if (handler === undefined) throw new Error(`${path} has no handler`)
      calls.set(path, createCall(procedure, handler, path))
    }
  }
  return calls
}

/** The same as tRPC's router. Clients take their types from the contract, not from here. */
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
