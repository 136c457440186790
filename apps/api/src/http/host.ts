import type { IncomingMessage } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

/** The server of another program, below whose prefix the service is mounted (plugin.ts). */
export interface Host {
  /** Hooks, parsers and error handlers of the service are added here, and do not reach the host's own routes. */
  scope: FastifyInstance
  log: FastifyBaseLogger
  /** The IP address of a request's sender, as the host sees it. */
  addressOf(request: IncomingMessage): string
  /** Whether accounts may sign in by Taskwire's own passwords. */
  hasSignIn: boolean
}
