import { connect, createServer, type Socket } from 'node:net'

/** A proxy in front of the database that counts round trips, and may delay what the database sends. */
export interface DatabaseProxy extends AsyncDisposable {
  port: number
  /** How often a client has sent data after a response. */
  trips(): number
}

export async function openProxy(target: number, delayMs = 0): Promise<DatabaseProxy> {
  let trips = 0
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const database = connect({ host: '127.0.0.1', port: target, noDelay: true })
    let answered = true
    client.on('data', (data) => {
      if (answered) trips++
      answered = false
      database.write(data)
    })
    const send = (data: Buffer): void => {
      answered = true
      client.write(data)
    }
    const sendLater = delayMs > 0 ? delayed(delayMs, send) : send
    database.on('data', sendLater)
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    trips: () => trips,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Delays each call of `send` by `delayMs`, and about a millisecond more where timers are late. Keeps the order. */
function delayed(delayMs: number, send: (data: Buffer) => void): (data: Buffer) => void {
  const waiting: { data: Buffer; dueMs: number }[] = []
  function sendDue(): void {
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const leftMs = first.dueMs - performance.now()
      if (leftMs > 0) return void setTimeout(sendDue, leftMs)
      waiting.shift()
      send(first.data)
    }
  }
  return (data) => {
    waiting.push({ data, dueMs: performance.now() + delayMs })
    if (waiting.length === 1) setTimeout(sendDue, delayMs)
  }
}
