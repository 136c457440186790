import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import { drizzle } from 'drizzle-orm/postgres-js'
import Fastify from 'fastify'
import postgres from 'postgres'
import { appRouter } from './router.ts'
import type { Context } from './trpc.ts'

/**
 * tRPC on Fastify as in https://trpc.io/docs/server/adapters/fastify, Drizzle on postgres.js as in
 * https://orm.drizzle.team/docs/get-started/postgresql-new. Not tuned: no `.prepare()`.
 */
const { DATABASE_URL = '', PORT = '0', POOL_MAX = '20' } = process.env
const db = drizzle({ client: postgres(DATABASE_URL, { max: Number(POOL_MAX) }) })

const app = Fastify({ routerOptions: { maxParamLength: 5000 } })
const trpcOptions: FastifyTRPCPluginOptions<typeof appRouter>['trpcOptions'] = {
  router: appRouter,
  createContext: ({ req }): Context => ({ db, req }),
}
await app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions })
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
