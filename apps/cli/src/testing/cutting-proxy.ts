import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'

/** For tests: forwards requests to a service. Closes the connection of a request if `cuts` returns true for its URL. */
export async function startCuttingProxy(
  target: string,
  cuts: (url: string) => boolean,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    if (cuts(request.url ?? '')) return void request.socket.destroy()
    const { hostname, port } = new URL(target)
    const { method, url, headers } = request
    request.pipe(
      forward({ hostname, port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      }),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
