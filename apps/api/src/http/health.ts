import type { FastifyInstance } from 'fastify'
import { DatabaseError } from '@taskwire/db'
import type { Metrics } from './metrics.ts'

export interface HealthOptions {
  /** True once the database is verified and has every migration of this release. */
  isPrepared(): boolean
  /** True once the service has called its own procedures. */
  isWarm(): boolean
  /** True once the service is shutting down. */
  isStopping(): boolean
  /** One round trip to the database. */
  ping(): Promise<unknown>
  /** Undefined if the service is mounted in a host, which serves metrics of its own. */
  metrics: Metrics | undefined
}

/** Adds health checks and metrics, which need no credential and are not logged. */
export function addHealth(
  app: FastifyInstance,
  { isPrepared, isWarm, isStopping, ping, metrics }: HealthOptions,
): void {
  // Health checks are served under any load, so concurrent ones share one ping.
  const checkDatabase = shareResult(async () => await databaseProblem(ping))
  app.get('/health/live', { logLevel: 'warn' }, () => ({ status: 'ok' }))
  app.get('/health/ready', { logLevel: 'warn' }, async (_request, reply) => {
    const reason = isStopping()
      ? 'The service is stopping; use another instance.'
      : isPrepared()
        ? isWarm()
          ? await checkDatabase()
          : 'The service is warming up; it is ready after three seconds at most.'
        : 'The database cannot be reached yet, or is not migrated.'
    if (reason === undefined) return { status: 'ok' }
    return await reply.code(503).header('retry-after', '1').send({ status: 'unavailable', reason })
  })
  if (metrics === undefined) return
  const metricsText = shareResult(async () => await metrics.text())
  app.get(
    '/metrics',
    { logLevel: 'warn' },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metricsText()),
  )
}

/** Returns why the database cannot be used, or undefined. */
async function databaseProblem(ping: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await ping()
    return undefined
  } catch (error) {
    // A busy database is up, and removing this instance from a balancer would only move the load.
    if (error instanceof DatabaseError && error.fault === 'overloaded') return undefined
    return 'The database cannot be reached.'
  }
}

/** Returns a function that does the work. Calls while the work is in progress share its result. */
function shareResult<T>(work: () => Promise<T>): () => Promise<T> {
  let inProgress: Promise<T> | undefined
  return async () => {
    inProgress ??= work().finally(() => {
      inProgress = undefined
    })
    return await inProgress
  }
}
