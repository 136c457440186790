import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { IncomingRequest } from '../auth/vouched-user.ts'
import { type Admission, createAdmission, watchDelay } from './admission.ts'
import { announcedBytes, lingerAfter, limitConnections, refusesPipelined } from './sockets.ts'
import { type Kind, type Refusal, GATE_ERRORS, type RequestRefusal, sendRefusal } from './refusal.ts'

/** Refuses requests that the service cannot process in time, most of them before their body is read. */
export interface AdmissionGate {
  /** Creates the server for Fastify. */
  serverFactory(handler: RequestListener): Server
  /**
   * Counts each request of this scope as in progress from the arrival of its whole body until its reply is made.
   * Refuses it if there is no longer room for it.
   */
  guard(scope: FastifyInstance): void
  /** Refuses requests of this scope by a hook: the server of a host is not created by `serverFactory`. */
  refuseIn(scope: FastifyInstance): void
  /** The number of refused requests, by reason. */
  readonly refused: Readonly<Record<RefusalReason, number>>
  readonly calls: Pick<Admission, 'inProgress' | 'limit'>
  close(): void
}

type RefusalReason = RequestRefusal | 'connections'

export interface AdmissionGateOptions {
  /** Most connections to the database. */
  poolMax: number
  /** How long the longest-waiting call has waited for a connection, in milliseconds. */
  waitedMs(): number
  /** How many slow calls wait for other slow calls. */
  waitingSlowCalls(): number
  /** Returns the user of a request, or its network (`networkOf`) while the user is unknown. */
  keyOf(request: IncomingRequest): string
  /** Milliseconds until the caller's rate limit admits calls again; 0 if it does now. */
  blockedMs(request: IncomingRequest): number
  origins: readonly string[]
  /** Most connections of one network. Not applied with `trustProxy`: all connections then come from the balancer. */
  socketsPerAddress: number
  trustProxy: boolean
  requestIdOf(request: IncomingMessage): string
  /** A connection without traffic for this many milliseconds is closed. */
  stuckMs: number
  /** For experiments: false turns admission control off. */
  limitsRequests?: boolean
  /** The path before /trpc and /auth; empty by default. */
  prefix?: string | undefined
}

// A connection takes about 20 kB of memory. Node closes new connections above this number.
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
  const { poolMax, waitedMs, waitingSlowCalls, keyOf, socketsPerAddress, trustProxy } = options
  const { limitsRequests = true, prefix = '' } = options
  const kindOf = (request: IncomingMessage): Kind | undefined => kindOfCall(request, prefix)
  const admissions = createAdmissions(poolMax, waitingSlowCalls)
  const stop = watchDelay(waitedMs, (delayMs, duringMs) => {
    for (const admission of Object.values(admissions)) admission.adapt(delayMs, duringMs)
  })
  const refused: Record<RefusalReason, number> = { overloaded: 0, rate: 0, connections: 0 }
  const endOfRequest = new WeakMap<FastifyRequest, () => void>()

  const refusalOf = refusalBy(options, admissions, kindOf)

  function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    refused[refusal.reason]++
    const { origin } = request.headers
    const allowed = origin !== undefined && options.origins.includes(origin) ? origin : undefined
    sendRefusal(response, refusal, options.requestIdOf(request), allowed)
  }

  return {
    serverFactory(handler) {
      // By default Node refuses a request without Host with an empty body. refuseOdd() refuses it with a message.
      const server = createServer({ requireHostHeader: false, ...TIMES }, (request, response) => {
        if (refusesPipelined(request, response)) return
        lingerAfter(request, response)
        const refusal = refusalOf({ raw: request, headers: request.headers })
        if (refusal === undefined) handler(request, response)
        else refuse(request, response, refusal)
      })
      server.maxConnections = MOST_CONNECTIONS
      // Otherwise a reply to a client that does not read would be buffered forever.
      server.timeout = options.stuckMs
      // Behind a balancer, all connections have the balancer's address.
      if (!trustProxy) limitConnections(server, socketsPerAddress, () => refused.connections++)
      return server
    },
    guard(scope) {
      // Counted once the body has arrived, so that slow senders do not count.
      scope.addHook('preValidation', (request, _reply, done) => {
        const key = keyOf(request)
        const admission = admissions[kindOf(request.raw) ?? 'calls']
        if (limitsRequests && !admission.hasRoom(() => key)) throw GATE_ERRORS.overloaded(OVERLOADED_MS)
        endOfRequest.set(request, admission.begin(key))
        done()
      })
      // No longer counted once the reply is made, so that slow readers and open streams do not count.
      scope.addHook('onSend', (request, _reply, payload, done) => {
        endOfRequest.get(request)?.()
        done(null, payload)
      })
    },
    refuseIn(scope) {
      scope.addHook('onRequest', (request, reply, done) => {
        const refusal = refusalOf(request)
        if (refusal === undefined) return done()
        refused[refusal.reason]++
        // The body is not read.
        if (announcedBytes(request.raw) > 0) reply.header('connection', 'close')
        throw GATE_ERRORS[refusal.reason](refusal.retryAfterMs)
      })
    },
    refused,
    calls: admissions.calls,
    close: stop,
  }
}

/** Returns why a request is refused before its body is read; undefined if it is not. */
function refusalBy(
  { keyOf, blockedMs, limitsRequests = true }: AdmissionGateOptions,
  admissions: Record<Kind, Admission>,
  kindOf: (request: IncomingMessage) => Kind | undefined,
) {
  return (request: IncomingRequest): Refusal | undefined => {
    const kind = kindOf(request.raw)
    if (!limitsRequests || kind === undefined) return undefined
    if (!admissions[kind].hasRoom(() => keyOf(request)))
      return { kind, reason: 'overloaded', retryAfterMs: OVERLOADED_MS }
    const blocked = kind === 'signIns' ? 0 : blockedMs(request)
    return blocked > 0 ? { kind, reason: 'rate', retryAfterMs: blocked } : undefined
  }
}

function createAdmissions(poolMax: number, waitingSlowCalls: () => number): Record<Kind, Admission> {
  return {
    // At least one running and three waiting calls for each connection, so that no call is refused after a short pause.
    calls: createAdmission({ least: 4 * poolMax, first: 8 * poolMax, most: 20 * poolMax, waiting: waitingSlowCalls }),
    // feed.ts opens few streams at a time; the other admitted requests wait.
    streams: createAdmission({ least: 100, first: 400, most: 1000 }),
    signIns: createAdmission({ least: 20, first: 80, most: 100 }),
  }
}

// Health checks, metrics and preflights are always served.
function kindOfCall({ url = '', method }: IncomingMessage, prefix: string): Kind | undefined {
  if (method === 'OPTIONS') return undefined
  if (url.startsWith('/auth/', prefix.length)) return 'signIns'
  if (!url.startsWith('/trpc/', prefix.length)) return undefined
  return url.startsWith('/trpc/changes.subscribe', prefix.length) ? 'streams' : 'calls'
}
