import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Admission, createAdmission, watchDelay } from './admission.ts'
import { lingerAfter, limitConnections, refusesPipelined } from './sockets.ts'
import { type Kind, type Refusal, REFUSALS, type RequestRefusal, sendRefusal } from './refusal.ts'

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

type RefusalReason = RequestRefusal | 'connections'

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

// Each takes about 20 kB. Node closes new connections above this number.
const MOST_CONNECTIONS = 10_000
// In milliseconds. Slower senders are cut off.
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 65_000,
}
const OVERLOADED_MS = 1000

export function createAdmissionGate(options: AdmissionGateOptions): AdmissionGate {
  const { poolMax, waitedMs, waitingSlowCalls, keyOf, blockedMs, socketsPerAddress, trustProxy } = options
  const { limitsRequests = true } = options
  const admissions = createAdmissions(poolMax, waitingSlowCalls)
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
      return refuse(request, response, { kind, reason: 'overloaded', retryAfterMs: OVERLOADED_MS })
    const blocked = kind === 'signIns' ? 0 : blockedMs(request)
    return blocked > 0 && refuse(request, response, { kind, reason: 'rate', retryAfterMs: blocked })
  }

  function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): true {
    refused[refusal.reason]++
    const { origin } = request.headers
    const allowed = origin !== undefined && options.origins.includes(origin) ? origin : undefined
    sendRefusal(response, refusal, options.requestIdOf(request), allowed)
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
      return server
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

function createAdmissions(poolMax: number, waitingSlowCalls: () => number): Record<Kind, Admission> {
  return {
    // At least one running and three waiting calls for each connection: then a short pause of the machine refuses no call.
    calls: createAdmission({ least: 4 * poolMax, first: 8 * poolMax, most: 20 * poolMax, waiting: waitingSlowCalls }),
    // feed.ts opens few streams at a time; the other admitted requests wait.
    streams: createAdmission({ least: 100, first: 400, most: 1000 }),
    signIns: createAdmission({ least: 20, first: 80, most: 100 }),
  }
}

// Health checks, metrics and preflights are always served.
function kindOf({ url = '', method }: IncomingMessage): Kind | undefined {
  if (method === 'OPTIONS') return undefined
  if (url.startsWith('/auth/')) return 'signIns'
  if (!url.startsWith('/trpc/')) return undefined
  return url.startsWith('/trpc/changes.subscribe') ? 'streams' : 'calls'
}
