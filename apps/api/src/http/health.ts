import type { FastifyInstance } from 'fastify'
import { DatabaseError } from '@taskwire/db'
import type { Metrics } from './metrics.ts'

export interface HealthOptions {
  /** True once the database has been found fit, and has every migration of this release. */
  isPrepared(): boolean
  /** True from when the service was told to stop. */
  isStopping(): boolean
  /** One round trip to the database. */
  ping(): Promise<unknown>
  metrics: Metrics
}

/** For the balancer and the operator: no credential, and not in the log. */
export function addHealth(app: FastifyInstance, { isPrepared, isStopping, ping, metrics }: HealthOptions): void {
  // These are answered under any load: however many ask at once, the work is done once.
  const reach = together(async () => await unreachable(ping))
  const figures = together(async () => await metrics.text())
  app.get('/health/live', { logLevel: 'warn' }, () => ({ status: 'ok' }))
  app.get('/health/ready', { logLevel: 'warn' }, async (_request, reply) => {
    const reason = isStopping()
      ? 'The service is stopping: send to another instance.'
      : isPrepared()
        ? await reach()
        : 'The database cannot be reached yet, or is not migrated.'
    if (reason === undefined) return { status: 'ok' }
    return await reply.code(503).header('retry-after', '1').send({ status: 'unavailable', reason })
  })
  app.get(
    '/metrics',
    { logLevel: 'warn' },
    async (_request, reply) => await reply.type(metrics.contentType).send(await figures()),
  )
}

async function unreachable(ping: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await ping()
    return undefined
  } catch (error) {
    // It is busy, and so it is there: a balancer that took this instance out would only move the load.
    if (error instanceof DatabaseError && error.fault === 'overloaded') return undefined
    return 'The database cannot be reached.'
  }
}

/** Whoever asks while the work is under way gets what it gives. */
function together<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return async () => {
    underWay ??= work().finally(() => {
      underWay = undefined
    })
    return await underWay
  }
}
