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
  /** Undefined where a host has metrics of its own. */
  metrics: Metrics | undefined
}

/** Adds health checks and metrics, which need no credential and are not logged. */
export function addHealth(
  app: FastifyInstance,
  { isPrepared, isWarm, isStopping, ping, metrics }: HealthOptions,
): void {
  // Served under any load, so that concurrent requests share one result.
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

/** Calls during the work share its result. */
function shareResult<T>(work: () => Promise<T>): () => Promise<T> {
  let inProgress: Promise<T> | undefined
  return async () => {
    inProgress ??= work().finally(() => {
      inProgress = undefined
    })
    return await inProgress
  }
}
