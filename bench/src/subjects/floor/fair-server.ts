import { createHash } from 'node:crypto'
import Fastify, { LogController } from 'fastify'
import { destination } from 'pino'
import postgres from 'postgres'
import { compileForSession } from './compile-for-session.ts'
import { addRoutes } from './routes.ts'

/**
 * The floor, plus what every real service does: it looks up the session by its hash, in the same statement, and for
 * each request writes a log line and raises a counter. It validates nothing.
 */
const { DATABASE_URL = '', PORT = '0', POOL_MAX = '20' } = process.env
const sql = postgres(DATABASE_URL, { max: Number(POOL_MAX) })
// Written in blocks, as Taskwire writes its log.
const stream = destination({ sync: false, minLength: 3072, maxWrite: 4096, periodicFlush: 100 })
const app = Fastify({ logger: { stream }, logController: new LogController({ disableRequestLogging: true }) })

const requests = new Map<string, number>()
app.addHook('onResponse', (request, reply, done) => {
  const { method, url } = request
  const route = `${method} ${request.routeOptions.url ?? ''} ${reply.statusCode}`
  requests.set(route, (requests.get(route) ?? 0) + 1)
  request.log.info({ method, path: url.split('?', 1)[0], status: reply.statusCode, ms: reply.elapsedTime }, 'request')
  done()
})
app.get('/metrics', () => Object.fromEntries(requests))

const refusal = (statusCode: number): Error => Object.assign(new Error('refused'), { statusCode })

addRoutes(app, sql, {
  callerOf({ authorization }) {
    const token = typeof authorization === 'string' ? authorization.replace(/^Bearer /, '') : ''
    return createHash('sha256').update(token).digest()
  },
  compile: compileForSession,
  async onNoRow(tokenHash, isOneTask) {
    const session = await sql`select from auth.sessions where token_hash = ${tokenHash} and expires_at > now()`
    if (session.length === 0) throw refusal(401)
    if (isOneTask) throw refusal(404)
  },
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
