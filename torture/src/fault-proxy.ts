import { once } from 'node:events'
import { createServer, connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * latency: data arrives late; reset: connections are reset now and then; half-open: responses are dropped;
 * black hole: everything is dropped, on new connections too; slices: data arrives in small pieces.
 */
export const FAULTS = ['latency', 'reset', 'half-open', 'black hole', 'slices'] as const
export type Fault = (typeof FAULTS)[number] | 'none'

/** A TCP proxy between two processes that injects faults. */
export interface FaultProxy extends AsyncDisposable {
  port: number
  /** Applies from now on, to open connections too. Dropped data stays lost. */
  inject(fault: Fault): void
}

const LATENCY_MS = 150
const RESET_EVERY_MS = 200
const SLICES = 20

export async function startFaultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  const clients = new Set<Socket>()
  let fault: Fault = 'none'

  function accept(client: Socket): void {
    const server = connect({ ...target, noDelay: true })
    client.setNoDelay(true)
    clients.add(client)
    // A direction that has lost bytes delivers nothing more: TCP delivers in order or not at all.
    const silent = { up: false, down: false }
    relay(client, server, () => (silent.up ||= fault === 'black hole'))
    relay(server, client, () => (silent.down ||= fault === 'black hole' || fault === 'half-open'))
    client.once('close', () => {
      clients.delete(client)
      server.destroy()
    })
    server.once('close', () => {
      if (!silent.up && !silent.down) client.destroy()
    })
  }

  function relay(from: Socket, to: Socket, isDropped: () => boolean): void {
    let previous = Promise.resolve()
    from.on('error', () => {})
    from.on('data', (bytes: Buffer) => {
      // Keeps the order of chunks that are delayed differently.
      previous = previous.then(async () => await forward(bytes))
    })
    async function forward(bytes: Buffer): Promise<void> {
      if (isDropped()) return
      if (fault === 'latency') await pause(LATENCY_MS)
      const size = fault === 'slices' ? Math.max(1, Math.ceil(bytes.length / SLICES)) : bytes.length
      for (let at = 0; at < bytes.length && to.writable; at += size) {
        to.write(bytes.subarray(at, at + size))
        if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  const resetting = setInterval(() => {
    if (fault === 'reset') for (const client of clients) client.resetAndDestroy()
  }, RESET_EVERY_MS)
  const listener = createServer(accept).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    inject(next) {
      fault = next
    },
    async [Symbol.asyncDispose]() {
      clearInterval(resetting)
      const closed = once(listener, 'close')
      listener.close()
      for (const client of clients) client.destroy()
      await closed
    },
  }
}
