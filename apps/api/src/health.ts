import type { FastifyInstance } from 'fastify'
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
  app.get('/health/live', { logLevel: 'warn' }, () => ({ status: 'ok' }))
  app.get('/health/ready', { logLevel: 'warn' }, async (_request, reply) => {
    const reason = isStopping()
      ? 'The service is stopping: send to another instance.'
      : isPrepared()
        ? await unreachable(ping)
        : 'The database cannot be reached yet, or is not migrated.'
    if (reason === undefined) return { status: 'ok' }
    return await reply.code(503).header('retry-after', '1').send({ status: 'unavailable', reason })
  })
  app.get(
    '/metrics',
    { logLevel: 'warn' },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.text()),
  )
}

async function unreachable(ping: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await ping()
    return undefined
  } catch {
    return 'The database cannot be reached.'
  }
}
