import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { networkOf } from './network.ts'

/** Bytes of the body that is announced; Infinity where its end is not. */
export function bytesToCome(headers: IncomingHttpHeaders): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity
}

const LINGER_MS = 5000

/**
 * Where a request is answered before its body has arrived, and the connection is to close: goes on for a while to
 * throw away what comes. A sender that is reset while it sends may never see the answer.
 */
export function lingerAfter({ headers, socket }: IncomingMessage, response: ServerResponse): void {
  if (bytesToCome(headers) === 0) return
  // Before Node's own, which closes by this method.
  response.prependOnceListener('finish', () => {
    if (response.req.complete) return
    socket.destroySoon = () => {
      const late = setTimeout(() => socket.destroy(), LINGER_MS)
      socket.once('close', () => clearTimeout(late)).end()
    }
  })
}

/**
 * Closes new connections of an address that holds so many already: one address, an IPv6 /64 counting as one,
 * cannot take all that there are.
 */
export function limitConnections(server: Server, most: number, onRefused: () => void): void {
  const held = new Map<string, number>()
  server.prependListener('connection', (socket) => {
    const network = networkOf(socket.remoteAddress)
    const others = held.get(network) ?? 0
    if (others >= most) {
      onRefused()
      return void socket.destroy()
    }
    held.set(network, others + 1)
    socket.once('close', () => {
      const left = (held.get(network) ?? 1) - 1
      if (left === 0) held.delete(network)
      else held.set(network, left)
    })
  })
}
