import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { CONTRACT_HEADER } from '@taskwire/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Admission, createAdmission, watchDelay } from './admission.ts'
import { AppError } from '../errors.ts'
import { lingerAfter, limitConnections, refusesPipelined } from './sockets.ts'
import { errorBody } from '../trpc/shape.ts'

/** Refuses requests that the service cannot process in time, having read no more than their headers. */
export interface AdmissionGate {
  /** Creates the server for Fastify. */
  serverFactory(handler: RequestListener): Server
  /** Counts the requests of this scope as in progress, from their full arrival until their reply is made. */
  guard(scope: FastifyInstance): void
  /** The number of refused requests, by reason. */
  readonly refused: Readonly<Record<RefusalReason, number>>
  readonly calls: Pick<Admission, 'inProgress' | 'limit'>
  close(): void
}

export interface AdmissionGateOptions {
  /** Connections to the database. */
  poolMax: number
  /** How long the longest-waiting call has waited for a connection, in milliseconds. */
  waitedMs(): number
  /** How many calls in progress wait for other slow calls. */
  waitingSlowCalls(): number
  /** The user of a request, or its address while the user is unknown. */
  keyOf(request: IncomingMessage): string
  /** Milliseconds until the caller's rate limit limitsRequests calls again; 0 if it does now. */
  blockedMs(request: IncomingMessage): number
  origins: readonly string[]
  /** Most connections of one address; not applied behind a balancer. */
  socketsPerAddress: number
  trustProxy: boolean
  requestIdOf(request: IncomingMessage): string
  /** A connection without traffic for this many milliseconds is closed. */
  stuckMs: number
  /** For experiments: false turns admission control off. */
  limitsRequests?: boolean
}

/**
 * Each kind has limits of its own, so that none keeps the others out. Many streams open at once when another process has
 * ended; their readers can wait.
 */
type Kind = 'calls' | 'streams' | 'signIns'
type RequestRefusal = 'overloaded' | 'rate'
type RefusalReason = RequestRefusal | 'connections'

// Each takes about 20 kB. Node closes new connections above this number.
const MOST_CONNECTIONS = 10_000
// In milliseconds. Slower senders are cut off.
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 65_000,
}
const REFUSALS: Record<RequestRefusal, (retryAfterMs: number) => AppError> = {
  overloaded: (retryAfterMs) =>
    new AppError('OVERLOADED', 'The service is overloaded; wait, and send the call again.', { retryAfterMs }),
  rate: (retryAfterMs) =>
    new AppError('RATE_LIMITED', 'Too many calls in a minute; wait before the next call.', { retryAfterMs }),
}
const OVERLOADED_MS = 1000

export function createAdmissionGate(options: AdmissionGateOptions): AdmissionGate {
  const {
    poolMax,
    waitedMs,
    waitingSlowCalls,
    keyOf,
    blockedMs,
    socketsPerAddress,
    trustProxy,
    limitsRequests = true,
  } = options
  const admissions: Record<Kind, Admission> = {
    // At least one running and three waiting calls for each connection: then a short pause of the machine refuses no call.
    calls: createAdmission({ least: 4 * poolMax, first: 8 * poolMax, most: 20 * poolMax, waiting: waitingSlowCalls }),
    // feed.ts opens few streams at a time; the other admitted requests wait.
    streams: createAdmission({ least: 100, first: 400, most: 1000 }),
    signIns: createAdmission({ least: 20, first: 80, most: 100 }),
  }
  const stop = watchDelay(waitedMs, (delayMs, duringMs) => {
    for (const admission of Object.values(admissions)) admission.adapt(delayMs, duringMs)
  })
  const refused: Record<RefusalReason, number> = { overloaded: 0, rate: 0, connections: 0 }
  const endOfRequest = new WeakMap<FastifyRequest, () => void>()

  /** Returns true if it has refused the request. */
  function refuseAtHead(request: IncomingMessage, response: ServerResponse): boolean {
    const kind = kindOf(request)
    if (!limitsRequests || kind === undefined) return false
    if (!admissions[kind].hasRoom(() => keyOf(request)))
      return sendRefusal(request, response, kind, 'overloaded', OVERLOADED_MS)
    const blocked = kind === 'signIns' ? 0 : blockedMs(request)
    return blocked > 0 && sendRefusal(request, response, kind, 'rate', blocked)
  }

  // Uses prepared text, without Fastify: at ten times the load that the service can serve, most of its work is refusals.
  function sendRefusal(
    request: IncomingMessage,
    response: ServerResponse,
    kind: Kind,
    reason: RequestRefusal,
    ms: number,
  ): true {
    refused[reason]++
    const { status, head, before, after } = refusalOf(kind, reason, Math.ceil(ms / 1000))
    const id = options.requestIdOf(request)
    // Error bodies of sign-in have no request id.
    const body = after === '' ? before : before + id + after
    const { origin } = request.headers
    const ownHeaders = ['content-length', String(body.length), 'x-request-id', id]
    const allowed = origin !== undefined && options.origins.includes(origin)
    response.writeHead(status, allowed ? head.concat(ownHeaders, CORS, origin) : head.concat(ownHeaders))
    response.end(body, 'latin1')
    return true
  }

  return {
    serverFactory(handler) {
      // Node would refuse a request without Host with an empty body; refuseOdd() sends a message.
      const server = createServer({ requireHostHeader: false, ...TIMES }, (request, response) => {
        if (refusesPipelined(request, response)) return
        lingerAfter(request, response)
        if (!refuseAtHead(request, response)) handler(request, response)
      })
      server.maxConnections = MOST_CONNECTIONS
      // A reply to a client that does not read would be buffered forever.
      server.timeout = options.stuckMs
      // Behind a balancer all connections have its address.
      if (!trustProxy) limitConnections(server, socketsPerAddress, () => refused.connections++)
      // Without it, several processes would pass the connection on forever. Missing in Node's types.
      return Object.assign(server, { dropMaxConnection: true })
    },
    guard(scope) {
      // Counted once the body has arrived, so that slow senders do not count.
      scope.addHook('preValidation', (request, _reply, done) => {
        const key = keyOf(request.raw)
        const admission = admissions[kindOf(request.raw) ?? 'calls']
        if (limitsRequests && !admission.hasRoom(() => key)) throw REFUSALS.overloaded(OVERLOADED_MS)
        endOfRequest.set(request, admission.begin(key))
        done()
      })
      // Ended when the reply is made, so that slow readers and open streams do not count.
      scope.addHook('onSend', (request, _reply, payload, done) => {
        endOfRequest.get(request)?.()
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

/** A prepared reply, in ASCII; the request's id goes between `before` and `after`. */
interface PreparedRefusal {
  status: number
  head: readonly string[]
  before: string
  after: string
}
const preparedRefusals = new Map<string, PreparedRefusal>()

function refusalOf(kind: Kind, reason: RequestRefusal, seconds: number): PreparedRefusal {
  const key = `${kind} ${reason} ${seconds}`
  const known = preparedRefusals.get(key)
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
  preparedRefusals.set(key, refusal)
  return refusal
}

// Health checks, metrics and preflights are always served.
function kindOf({ url = '', method }: IncomingMessage): Kind | undefined {
  if (method === 'OPTIONS') return undefined
  if (url.startsWith('/auth/')) return 'signIns'
  if (!url.startsWith('/trpc/')) return undefined
  return url.startsWith('/trpc/changes.subscribe') ? 'streams' : 'calls'
}
