import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createWire } from './wire.ts'

/** A TCP proxy in front of PostgreSQL that counts round trips and simulates network faults. Not for TLS. */
export interface Proxy extends AsyncDisposable {
  readonly port: number
  /** The open connections, oldest first. */
  readonly connections: readonly ProxiedConnection[]
  /** Round trips of all connections since the last reset, including those of their opening. */
  readonly roundTrips: number
  reset(): void
  /** Breaks a connection once n more client messages have been forwarded; with 0, instead of forwarding the next one. */
  breakAfterFrontend(n: number, how?: Break): void
  /** Breaks a connection instead of forwarding the n-th server message from now. */
  breakBeforeBackend(n: number, how?: Break): void
  /** True when a requested break has happened. */
  readonly hasBroken: boolean
  /** Breaks every open connection. The server still reads what was forwarded. */
  breakAll(how?: Break): void
  /** Resolves when the server has closed all ended and reset connections: its work on them is done by then. */
  settled(): Promise<void>
  /** Holds back all data and closes until resume(). */
  blackHole(): void
  /** Delays data by this many milliseconds in each direction. */
  delay(ms: number): void
  /** Forwards in packets of this many bytes. */
  slice(bytes: number): void
  /** Removes every fault; delayed data is forwarded. */
  resume(): void
  /** Refuses new connections, and ends the open ones. */
  close(): Promise<void>
  /** Listens again, on the same port. */
  listen(): Promise<void>
}

export interface ProxiedConnection {
  readonly roundTrips: number
  break(how?: Break): void
}

/** What the client sees: an orderly end, a reset, or no more data (`silence`: the server sees no more data either). */
export type Break = 'end' | 'reset' | 'silence'

/** Starts a proxy that forwards to `target`. */
export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  const open = new Map<ProxiedConnection, Promise<unknown>>()
  const ending = new Set<Promise<unknown>>()
  let roundTrips = 0
  let frontendLeft = Infinity
  let backendLeft = Infinity
  let breakHow: Break | undefined
  let hasBroken = false
  let delayMs = 0
  let sliceBytes = Infinity
  let hole: PromiseWithResolvers<void> | undefined

  function accept(client: Socket): void {
    const server = connect({ ...target, noDelay: true })
    client.setNoDelay(true)
    let trips = 0
    let silent = false
    const connection: ProxiedConnection = {
      get roundTrips() {
        return trips
      },
      break(how = 'end') {
        silent = how === 'silence'
        if (silent) return
        if (how === 'reset') client.resetAndDestroy()
        else client.destroy()
        server.end()
        ending.add(gone)
      },
    }
    const gone = new Promise<void>((resolve) => server.once('close', resolve)).finally(() => open.delete(connection))
    open.set(connection, gone)
    const wire = createWire(() => {
      trips++
      roundTrips++
    })

    function pass(to: Socket, messages: readonly Buffer[], isLast: () => boolean, drop: boolean): void {
      const last = messages.findIndex(isLast)
      const passed = last < 0 ? messages : messages.slice(0, drop ? last : last + 1)
      if (passed.length > 0) write(to, Buffer.concat(passed))
      if (last < 0) return
      frontendLeft = backendLeft = Infinity
      hasBroken = true
      connection.break(breakHow)
    }
    const isForwarding = (): boolean => !silent
    relay(client, server, isForwarding, (bytes) => {
      const messages = wire.frontend(bytes)
      const none = frontendLeft === 0
      pass(server, messages, () => none || --frontendLeft === 0, none)
    })
    relay(server, client, isForwarding, (bytes) => {
      pass(client, wire.backend(bytes), () => --backendLeft === 0, true)
    })
  }

  // Without Nagle's algorithm each write is a packet.
  function write(to: Socket, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += sliceBytes)
      if (to.writable) to.write(bytes.subarray(at, Math.min(bytes.length, at + sliceBytes)))
  }

  function relay(from: Socket, to: Socket, isForwarding: () => boolean, forward: (bytes: Buffer) => void): void {
    let before = Promise.resolve()
    const inOrder = (work: () => void): void => {
      before = after(before, performance.now() + delayMs, () => isForwarding() && work())
    }
    from.on('data', (bytes: Buffer) => inOrder(() => forward(bytes)))
    // The other side reads what was forwarded, and then the end.
    from.on('close', () => inOrder(() => to.end()))
    from.on('error', () => {})
  }

  async function after(before: Promise<void>, due: number, work: () => unknown): Promise<void> {
    await before
    await hole?.promise
    const early = due - performance.now()
    if (early > 0) await wait(early)
    work()
  }

  const listener = createServer(accept)
  let port = 0
  async function listen(): Promise<void> {
    listener.listen(port, '127.0.0.1')
    await once(listener, 'listening')
    // A TCP server's address is never a string.
    port = (listener.address() as AddressInfo).port
  }
  await listen()

  const proxy: Proxy = {
    get port() {
      return port
    },
    get connections() {
      return [...open.keys()]
    },
    get roundTrips() {
      return roundTrips
    },
    reset() {
      roundTrips = 0
    },
    breakAfterFrontend(n, how) {
      breakHow = how
      hasBroken = false
      frontendLeft = n
    },
    breakBeforeBackend(n, how) {
      breakHow = how
      hasBroken = false
      backendLeft = n
    },
    get hasBroken() {
      return hasBroken
    },
    breakAll(how) {
      for (const connection of open.keys()) connection.break(how)
    },
    async settled() {
      await Promise.all(ending)
      ending.clear()
    },
    blackHole() {
      hole ??= Promise.withResolvers()
    },
    delay(ms) {
      delayMs = ms
    },
    slice(bytes) {
      sliceBytes = bytes
    },
    resume() {
      frontendLeft = backendLeft = Infinity
      delayMs = 0
      sliceBytes = Infinity
      hole?.resolve()
      hole = undefined
    },
    async close() {
      proxy.resume()
      proxy.breakAll()
      if (!listener.listening) return
      const closed = once(listener, 'close')
      listener.close()
      await Promise.all([closed, proxy.settled()])
    },
    listen,
    [Symbol.asyncDispose]: () => proxy.close(),
  }
  return proxy
}
