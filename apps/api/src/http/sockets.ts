import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
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

/** Requests of one connection that wait for their answers. Browsers send one at a time. */
const MOST_PIPELINED = 10
const waiting = new WeakMap<Socket, number>()

/**
 * Hangs up on a connection that goes on sending requests while so many are not answered yet; then true. Node takes all
 * that have come at once, hundreds in one turn of the event loop.
 */
export function refusesPipelined({ socket }: IncomingMessage, response: ServerResponse): boolean {
  const here = waiting.get(socket) ?? 0
  if (here >= MOST_PIPELINED) {
    socket.destroy()
    return true
  }
  waiting.set(socket, here + 1)
  response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1))
  return false
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
