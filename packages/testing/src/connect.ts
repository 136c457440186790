import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { codeOf, failure } from './failure.ts'
import type { Taskwire, TaskwireAddress, TestUser } from './types.ts'

/** Returns the handle of a service that another process or thread has started. It opens no connection. */
export function connectTaskwire(address: TaskwireAddress): Taskwire {
  return {
    url: address.url,
    address,
    // The service has the same version (start.ts checks this), so its replies have these types.
    user: async (options = {}) => (await send(address, 'user', options)) as TestUser,
    serviceKey: async (scopes) => ((await send(address, 'serviceKey', { scopes })) as { secret: string }).secret,
  }
}

/** Sends a command. It does not use fetch: tests replace it, and happy-dom's fetch behaves like a browser's. */
async function send({ url, control }: TaskwireAddress, name: string, input: unknown): Promise<unknown> {
  const sent = request(`${control}/${name}`, { method: 'POST', agent: false })
  sent.end(JSON.stringify(input))
  let body: string
  let response: IncomingMessage
  try {
    // The event has only the response.
    ;[response] = (await once(sent, 'response')) as [IncomingMessage]
    body = await text(response)
  } catch (error) {
    throw failure(
      `Taskwire at ${url} does not answer (${String(codeOf(error))}): it has stopped. Do not call stop() before the last test ends, and read what the service printed.`,
      error,
    )
  }
  const reply: unknown = JSON.parse(body)
  if (response.statusCode === 200) return reply
  throw failure(`${name}: ${(reply as { message: string }).message}`)
}
