import { once } from 'node:events'
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createRules, type Rules, type SentMutation } from './network-rules.ts'

/**
 * What is between the pages and the service: serves the page, and forwards all else to the service, so that both have
 * one origin. What it forwards can be cut, held back or answered in the service's place.
 */
export interface Network extends Pick<Rules, 'hold' | 'answer'>, AsyncDisposable {
  origin: string
  /** The mutations that were forwarded, in order. */
  readonly sent: readonly SentMutation[]
  /** The paths of the queries and subscriptions that were forwarded, in order. */
  readonly queried: readonly string[]
  /** Closes the connections to the service, and accepts none. The page itself still loads. */
  cut(): void
  restore(): void
  /** Serves another version of the page's script from now on. */
  deploy(script: string): void
  /** Restores the connection and the script, and forgets all rules and calls. */
  reset(): void
}

/** `port` is that of the service. */
export async function startNetwork(script: string, port: number): Promise<Network> {
  const rules = createRules()
  const open = new Set<ServerResponse>()
  const sent: SentMutation[] = []
  const queried: string[] = []
  let isCut = false
  let served = script

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isCut) return void request.socket.destroy()
    open.add(response)
    response.once('close', () => open.delete(response))
    try {
      if (request.method === 'POST') await forwardMutations(request, response)
      else {
        queried.push(...pathsOf(request))
        await pipeline(await ask(request, response), response)
      }
    } catch {
      // As a proxy does while its server is down.
      if (response.headersSent) response.destroy()
      else answer(response, { status: 502, type: 'text/html', body: '<h1>Bad Gateway</h1>' })
    }
  }

  async function forwardMutations(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const mutations = mutationsOf(request, body)
    await rules.pass('requests', mutations)
    // The page has gone, or the network has been cut meanwhile.
    if (response.destroyed) return
    const reply = rules.replyTo(mutations)
    if (reply !== undefined) return answer(response, reply)
    sent.push(...mutations)
    const incoming = await ask(request, undefined, body)
    const content = await buffer(incoming)
    await rules.pass('replies', mutations)
    if (!response.destroyed) response.writeHead(incoming.statusCode ?? 502, endToEnd(incoming)).end(content)
  }

  /** Sends a request to the service. If `response` is given, begins it with the service's headers. */
  async function ask(request: IncomingMessage, response?: ServerResponse, body?: Buffer): Promise<IncomingMessage> {
    const { url, method, headers } = request
    // Each request has a connection of its own, since the service may have restarted.
    const own = { agent: false, headers: { ...headers, connection: 'close' } }
    const upstream = send({ host: '127.0.0.1', port, path: url, method, ...own })
    response?.once('close', () => upstream.destroy())
    upstream.end(body)
    // Rejects with the error of a connection that failed.
    const [incoming] = (await once(upstream, 'response')) as [IncomingMessage]
    response?.writeHead(incoming.statusCode ?? 502, endToEnd(incoming)).flushHeaders()
    return incoming
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://page')
    if (/^\/(trpc|auth)\//.test(pathname)) void forward(request, response)
    else servePage(pathname, served, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()

  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    sent,
    queried,
    hold: rules.hold,
    answer: rules.answer,
    cut() {
      isCut = true
      for (const response of open) response.socket?.destroy()
    },
    restore() {
      isCut = false
    },
    deploy(other) {
      served = other
    },
    reset() {
      isCut = false
      served = script
      rules.clear()
      sent.length = 0
      queried.length = 0
    },
    async [Symbol.asyncDispose]() {
      rules.clear()
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** `/sandboxed` is a page to which the browser gives no storage. */
function servePage(path: string, script: string, response: ServerResponse): void {
  response.setHeader('cache-control', 'no-store')
  if (path === '/page.js') answer(response, { status: 200, type: 'text/javascript', body: script })
  else if (path === '/' || path === '/sandboxed') {
    if (path === '/sandboxed') response.setHeader('content-security-policy', 'sandbox allow-scripts')
    answer(response, { status: 200, type: 'text/html', body: '<!doctype html><script src="/page.js"></script>' })
  } else answer(response, { status: 404, type: 'text/html', body: '' })
}

function answer(response: ServerResponse, reply: { status: number; type: string; body: string }): void {
  response.writeHead(reply.status, { 'content-type': `${reply.type}; charset=utf-8` }).end(reply.body)
}

/** Returns the headers that are not about the connection itself. */
function endToEnd({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...others } = headers
  return others
}

/** Returns the procedures of a request, which may hold several calls. */
function pathsOf({ url = '' }: IncomingMessage): string[] {
  const { pathname } = new URL(url, 'http://page')
  return pathname.startsWith('/trpc/') ? pathname.slice('/trpc/'.length).split(',') : []
}

function mutationsOf(request: IncomingMessage, body: Buffer): SentMutation[] {
  const paths = pathsOf(request)
  if (paths.length === 0) return []
  // The body of a batch holds the input of each call by its index.
  const inputs = JSON.parse(body.toString()) as Record<string, { mutationId: string }>
  const hasCookie = request.headers.cookie !== undefined
  return paths.map((path, index) => {
    const { mutationId, ...input } = inputs[index] ?? { mutationId: '' }
    return { path, mutationId, input, hasCookie }
  })
}
