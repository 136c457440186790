import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Socket } from 'node:net'
import { networkOf } from './network.ts'

/** The announced length of the body in bytes; Infinity for a chunked body. */
export function announcedBytes(request: IncomingMessage): number {
  const { headers, httpVersionMajor } = request
  if (headers['transfer-encoding'] !== undefined) return Infinity
  if (headers['content-length'] !== undefined) return Number(headers['content-length'])
  // In HTTP/2, which a host may serve, a body needs neither header.
  return httpVersionMajor > 1 && !(request as unknown as Http2ServerRequest).stream.endAfterHeaders ? Infinity : 0
}

const LINGER_MS = 5000

/**
 * If the response is sent before the body has arrived and the connection is to close, keeps reading and discarding for a
 * while: a client whose connection is reset while it sends may never see the response.
 */
export function lingerAfter(request: IncomingMessage, response: ServerResponse): void {
  if (announcedBytes(request) === 0) return
  const { socket } = request
  // Runs before Node's own listener, which closes the socket by calling this method.
  response.prependOnceListener('finish', () => {
    if (response.req.complete) return
    socket.destroySoon = () => {
      const timeout = setTimeout(() => socket.destroy(), LINGER_MS)
      socket.once('close', () => clearTimeout(timeout)).end()
    }
  })
}

/** Most unanswered requests of one connection. Browsers send one at a time. */
const MOST_PIPELINED = 10
const unanswered = new WeakMap<Socket, number>()

/**
 * Closes a connection with too many unanswered requests, and returns true. Node would process all pipelined requests that
 * arrive together, hundreds in one iteration of the event loop.
 */
export function refusesPipelined({ socket }: IncomingMessage, response: ServerResponse): boolean {
  const count = unanswered.get(socket) ?? 0
  if (count >= MOST_PIPELINED) {
    socket.destroy()
    return true
  }
  unanswered.set(socket, count + 1)
  response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
  return false
}

/** Closes new connections of a network (an IPv4 address or an IPv6 /64) that already has `most` open. */
export function limitConnections(server: Server, most: number, onRefused: () => void): void {
  const openByNetwork = new Map<string, number>()
  server.prependListener('connection', (socket) => {
    const network = networkOf(socket.remoteAddress)
    const open = openByNetwork.get(network) ?? 0
    if (open >= most) {
      onRefused()
      return void socket.destroy()
    }
    openByNetwork.set(network, open + 1)
    socket.once('close', () => {
      const remaining = (openByNetwork.get(network) ?? 1) - 1
      if (remaining === 0) openByNetwork.delete(network)
      else openByNetwork.set(network, remaining)
    })
  })
}
