import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy to the service that simulates network failures. (`startProxy` of the database tests is for PostgreSQL.) */
export interface TcpProxy extends AsyncDisposable {
  url: string
  readonly open: number
  /** Resets every open connection. */
  reset(): void
  /** Open connections stay open, but pass nothing any more. New ones work. */
  freeze(): void
  /** Open and new connections pass nothing. */
  blackHole(): void
  /** Resets every open connection, and each new one. */
  cut(): void
  /** Ends `blackHole()` and `cut()`: new connections work again. */
  lift(): void
  /** Sets the target of new connections. */
  setTarget(target: string): void
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  let targetUrl = new URL(target)
  const pairs = new Set<[Socket, Socket]>()
  let state: 'open' | 'blackHole' | 'cut' = 'open'
  const server = createServer((client) => {
    if (state === 'cut') return void client.resetAndDestroy()
    const upstream = connect(Number(targetUrl.port), targetUrl.hostname)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const socket of pair)
      socket
        .on('error', () => {})
        .on('close', () => {
          pairs.delete(pair)
          client.destroy()
          upstream.destroy()
        })
    if (state === 'blackHole') return
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const freeze = (): void => {
    for (const [client, upstream] of pairs) {
      client.unpipe(upstream).pause()
      upstream.unpipe(client).pause()
    }
  }
  const reset = (): void => {
    for (const [client] of pairs) client.resetAndDestroy()
  }
  return {
    // A TCP server's address is never a string.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return pairs.size
    },
    reset,
    freeze,
    blackHole() {
      state = 'blackHole'
      freeze()
    },
    cut() {
      state = 'cut'
      reset()
    },
    lift() {
      state = 'open'
    },
    setTarget(next) {
      targetUrl = new URL(next)
    },
    async [Symbol.asyncDispose]() {
      for (const [client, upstream] of pairs) {
        client.destroy()
        upstream.destroy()
      }
      server.close()
      await once(server, 'close')
    },
  }
}
