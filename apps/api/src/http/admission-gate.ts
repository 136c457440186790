import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { CONTRACT_HEADER } from '@taskwire/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Admission, createAdmission, watchDelay } from './admission.ts'
import { AppError } from '../errors.ts'
import { lingerAfter, limitConnections, refusesPipelined } from './sockets.ts'
import { errorBody } from '../trpc/shape.ts'

/** Refuses what the service cannot do in time, before anything is read of it but its head. */
export interface AdmissionGate {
  /** What Fastify is to make its server with. */
  serverFactory(handler: RequestListener): Server
  /** Counts the requests of this scope in once they have arrived whole, and out when their answer is made. */
  guard(scope: FastifyInstance): void
  /** Refused at the gate, by reason. */
  readonly refused: Readonly<Record<Counted, number>>
  readonly calls: Pick<Admission, 'inside' | 'limit'>
  close(): void
}

export interface AdmissionGateOptions {
  /** Connections of the database. */
  poolMax: number
  /** How long the first of those that wait for a connection has waited, in milliseconds. */
  waitedMs(): number
  /** How many of the calls inside wait their turn among slow ones. */
  parked(): number
  /** Whose a request is: a user's, or as long as that is not known an address's. */
  keyOf(request: IncomingMessage): string
  /** For how long the rate of whoever sends it refuses all calls, in milliseconds; 0 where it does not. */
  blockedMs(request: IncomingMessage): number
  origins: readonly string[]
  /** Connections of one address, unless they are a balancer's. */
  socketsPerAddress: number
  trustProxy: boolean
  idOf(request: IncomingMessage): string
  /** A connection that takes nothing for so many milliseconds is hung up on. */
  stuckMs: number
  /** False lets everything in: for the experiment that shows what comes of that. */
  admits?: boolean
}

/**
 * Each kind has limits of its own, and cannot fill the service for the others. Streams that open are many at once when
 * another process has ended; their readers can wait.
 */
type Kind = 'calls' | 'streams' | 'signIns'
type Reason = 'overloaded' | 'rate'
type Counted = Reason | 'connections'

// Each takes some twenty kilobytes. Above this Node hangs up on whoever connects.
const MOST_CONNECTIONS = 10_000
// A sender that is slower than this is cut off.
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 65_000,
}
const REFUSALS: Record<Reason, (retryAfterMs: number) => AppError> = {
  overloaded: (retryAfterMs) =>
    new AppError('OVERLOADED', 'The service does as much as it can; wait and send the call again.', { retryAfterMs }),
  rate: (retryAfterMs) =>
    new AppError('RATE_LIMITED', 'Too many calls within a minute; wait before the next.', { retryAfterMs }),
}
const OVERLOADED_MS = 1000

export function createAdmissionGate(options: AdmissionGateOptions): AdmissionGate {
  const { poolMax, waitedMs, parked, keyOf, blockedMs, socketsPerAddress, trustProxy, admits = true } = options
  const admissions: Record<Kind, Admission> = {
    // One on each connection, and three behind it: a moment in which the machine does something else refuses nobody.
    calls: createAdmission({ least: 4 * poolMax, first: 8 * poolMax, most: 20 * poolMax, parked }),
    // They open a few at a time (feed.ts); the others inside stand in line.
    streams: createAdmission({ least: 100, first: 400, most: 1000 }),
    signIns: createAdmission({ least: 20, first: 80, most: 100 }),
  }
  const stop = watchDelay(waitedMs, (delayMs, duringMs) => {
    for (const admission of Object.values(admissions)) admission.adapt(delayMs, duringMs)
  })
  const refused: Record<Counted, number> = { overloaded: 0, rate: 0, connections: 0 }
  const entered = new WeakMap<FastifyRequest, () => void>()

  /** True where it has been answered. */
  function refuses(request: IncomingMessage, response: ServerResponse): boolean {
    const kind = kindOf(request)
    if (!admits || kind === undefined) return false
    if (!admissions[kind].mayEnter(() => keyOf(request)))
      return answer(request, response, kind, 'overloaded', OVERLOADED_MS)
    const blocked = kind === 'signIns' ? 0 : blockedMs(request)
    return blocked > 0 && answer(request, response, kind, 'rate', blocked)
  }

  // By hand and made before: at ten times what the service can do, refusing is most of what it does.
  function answer(request: IncomingMessage, response: ServerResponse, kind: Kind, reason: Reason, ms: number): true {
    refused[reason]++
    const { status, head, before, after } = refusalOf(kind, reason, Math.ceil(ms / 1000))
    const id = options.idOf(request)
    // Signing in has no place for it in the body.
    const body = after === '' ? before : before + id + after
    const { origin } = request.headers
    const own = ['content-length', String(body.length), 'x-request-id', id]
    const allowed = origin !== undefined && options.origins.includes(origin)
    response.writeHead(status, allowed ? head.concat(own, CORS, origin) : head.concat(own))
    response.end(body, 'latin1')
    return true
  }

  return {
    serverFactory(handler) {
      // Node would refuse what has no Host without a word; refuseOdd() says so.
      const server = createServer({ requireHostHeader: false, ...TIMES }, (request, response) => {
        if (refusesPipelined(request, response)) return
        lingerAfter(request, response)
        if (!refuses(request, response)) handler(request, response)
      })
      server.maxConnections = MOST_CONNECTIONS
      // What is made for a reader who takes nothing would be held for ever.
      server.timeout = options.stuckMs
      // Behind a balancer all are its own.
      if (!trustProxy) limitConnections(server, socketsPerAddress, () => refused.connections++)
      // One of several too: they would hand it to each other for ever. Its types do not know of it.
      return Object.assign(server, { dropMaxConnection: true })
    },
    guard(scope) {
      // Not on its arrival: whoever sends a body slowly would take a place meanwhile.
      scope.addHook('preValidation', (request, _reply, done) => {
        const key = keyOf(request.raw)
        const admission = admissions[kindOf(request.raw) ?? 'calls']
        if (admits && !admission.mayEnter(() => key)) throw REFUSALS.overloaded(OVERLOADED_MS)
        entered.set(request, admission.enter(key))
        done()
      })
      // Not when it has been read: whoever reads slowly keeps no place, nor does a stream.
      scope.addHook('onSend', (request, _reply, payload, done) => {
        entered.get(request)?.()
        done(null, payload)
      })
    },
    refused,
    calls: admissions.calls,
    close: stop,
  }
}

const CORS = Object.entries({
  vary: 'Origin',
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'x-request-id, x-taskwire-contract, retry-after',
})
  .flat()
  .concat('access-control-allow-origin')

/** An answer but for the request's id, which is ASCII as all of it. */
interface Refusal {
  status: number
  head: readonly string[]
  before: string
  after: string
}
const made = new Map<string, Refusal>()

function refusalOf(kind: Kind, reason: Reason, seconds: number): Refusal {
  const key = `${kind} ${reason} ${seconds}`
  const known = made.get(key)
  if (known !== undefined) return known
  const error = REFUSALS[reason](seconds * 1000)
  const { appCode: code, message, httpStatus: status } = error
  const [before = '', after = ''] = JSON.stringify(
    kind === 'signIns' ? { code, message } : { error: errorBody(error, '<id>') },
  ).split('<id>')
  const head = Object.entries({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-taskwire-contract': CONTRACT_HEADER,
    'retry-after': String(seconds),
  }).flat()
  const refusal = { status, head, before, after }
  made.set(key, refusal)
  return refusal
}

// Health, figures and preflights are answered always.
function kindOf({ url = '', method }: IncomingMessage): Kind | undefined {
  if (method === 'OPTIONS') return undefined
  if (url.startsWith('/auth/')) return 'signIns'
  if (!url.startsWith('/trpc/')) return undefined
  return url.startsWith('/trpc/changes.subscribe') ? 'streams' : 'calls'
}
