import { once } from 'node:events'
import { createServer, connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * What a network may do: answer late; reset connections now and then; swallow the answers; swallow
 * everything, new connections too; deliver in slices.
 */
export const FAULTS = ['latency', 'reset', 'half-open', 'black hole', 'slices'] as const
export type Fault = (typeof FAULTS)[number] | 'none'

/** A hop between two processes, whatever they speak. */
export interface FaultProxy extends AsyncDisposable {
  port: number
  /** From now on, for the connections that are open too. What was swallowed stays so. */
  play(fault: Fault): void
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
    // Where bytes were swallowed, that way stays silent: TCP delivers in order or not at all.
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

  function relay(from: Socket, to: Socket, swallowed: () => boolean): void {
    let before = Promise.resolve()
    from.on('error', () => {})
    from.on('data', (bytes: Buffer) => {
      // In order, whatever each of them waits for.
      before = before.then(async () => await forward(bytes))
    })
    async function forward(bytes: Buffer): Promise<void> {
      if (swallowed()) return
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
    play(next) {
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
