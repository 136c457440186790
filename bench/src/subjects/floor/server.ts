import Fastify from 'fastify'
import postgres from 'postgres'
import { compile } from '../database/statements.ts'
import { addRoutes } from './routes.ts'

/**
 * The lower bound: Fastify as in https://fastify.dev/docs/latest/Guides/Getting-Started/. It trusts the caller,
 * validates nothing and logs nothing.
 */
const { DATABASE_URL = '', PORT = '0', POOL_MAX = '20' } = process.env
const app = Fastify()
addRoutes(app, postgres(DATABASE_URL, { max: Number(POOL_MAX) }), {
  callerOf: (headers) => String(headers['x-user']),
  compile,
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
