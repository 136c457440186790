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
    // The service is of the same version (start.ts), and replies with these.
    user: async (options = {}) => (await send(address, 'user', options)) as TestUser,
    serviceKey: async (scopes) => ((await send(address, 'serviceKey', { scopes })) as { secret: string }).secret,
  }
}

/** Not by fetch, which tests replace, and which in happy-dom is that of a browser. */
async function send({ url, control }: TaskwireAddress, name: string, input: unknown): Promise<unknown> {
  const sent = request(`${control}/${name}`, { method: 'POST', agent: false })
  sent.end(JSON.stringify(input))
  let body: string
  let response: IncomingMessage
  try {
    // It emits the response alone.
    ;[response] = (await once(sent, 'response')) as [IncomingMessage]
    body = await text(response)
  } catch (error) {
    throw failure(
      `Taskwire at ${url} does not answer (${String(codeOf(error))}): it has stopped. Do not call stop() before the last test, and see what it printed.`,
      error,
    )
  }
  const reply: unknown = JSON.parse(body)
  if (response.statusCode === 200) return reply
  throw failure(`${name}: ${(reply as { message: string }).message}`)
}
