import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { ConfigError } from '../config.ts'

type Handler = (input: unknown) => Promise<unknown>

/**
 * Serves the handlers by HTTP on this machine: POST URL/NAME with the input as JSON. The returned URL contains a
 * secret. For a ConfigError, the reply is `{message}` with status 400.
 */
export async function serveControl(handlers: Readonly<Record<string, Handler>>): Promise<string> {
  const secret = randomBytes(24).toString('base64url')
  const routes = new Map(Object.entries(handlers).map(([name, handler]) => [`/${secret}/${name}`, handler]))
  const replyTo = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
    const handler = routes.get(request.url ?? '')
    if (handler === undefined || request.method !== 'POST')
      return [404, { message: 'There is nothing at this address.' }]
    try {
      return [200, await handler(await json(request))]
    } catch (error) {
      if (error instanceof ConfigError) return [400, { message: error.message }]
      return [500, { message: String(error instanceof Error ? error.stack : error) }]
    }
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [status, body] = await replyTo(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port')
  return `http://127.0.0.1:${address.port}/${secret}`
}
