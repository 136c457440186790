import { createClient } from '@taskwire/client'
import type { TestDatabase } from '@taskwire/db/testing'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { taskwire, type TaskwireOptions } from '../plugin.ts'

interface HostServer extends AsyncDisposable {
  app: FastifyInstance
  url: string
  log: string[]
}

/** The options of a plugin on this database. */
export const optionsFor = (database: TestDatabase) =>
  ({
    prefix: '/tasks',
    database: { url: database.url('taskwire_app'), authUrl: database.url('taskwire_auth') },
    secret: 'a secret of tests that is long enough',
    settings: { RATE_LIMIT_PER_MINUTE: '1000000' },
  }) satisfies TaskwireOptions

/** Starts a host: a Fastify server with routes, error handlers and a sign-in of its own, and the plugin. */
export async function startHost(
  plugin: TaskwireOptions,
  settings: FastifyServerOptions = {},
  prepare: (app: FastifyInstance) => unknown = () => {},
): Promise<HostServer> {
  const log: string[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => void log.push(line) } }, ...settings })
  app.decorateRequest('user', null)
  app.addHook('onRequest', async (request) => {
    const [, user] = /user=(\S+)/.exec(request.headers.cookie ?? '') ?? []
    request.setDecorator('user', user ?? null)
  })
  app.setErrorHandler(async (error, _request, reply) => await reply.code(418).send({ host: String(error) }))
  app.setNotFoundHandler(async (_request, reply) => await reply.code(404).send({ host: 'nothing' }))
  app.post('/own', (request) => ({ body: request.body }))
  app.get('/fails', () => {
    throw new Error('of the host')
  })
  await prepare(app)
  await app.register(taskwire, plugin)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, url, log, [Symbol.asyncDispose]: async () => await app.close() }
}

export const userOf: NonNullable<TaskwireOptions['userOf']> = (request) => {
  const externalId = request.getDecorator<string | null>('user')
  return externalId === null ? null : { externalId, name: 'Of the host' }
}

/** A client that calls as this user of the host. */
export const clientOf = ({ url }: HostServer, user: string) =>
  createClient({
    url: `${url}/tasks`,
    token: () => undefined,
    fetch: async (address, init) =>
      await fetch(address, { ...init, headers: { ...init?.headers, cookie: `user=${user}` } }),
  })
