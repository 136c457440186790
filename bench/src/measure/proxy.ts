import { connect, createServer, type Socket } from 'node:net'

/** A proxy in front of the database that counts round trips. */
export interface CountingProxy extends AsyncDisposable {
  port: number
  /** Times that a client sent data after a response. */
  trips(): number
}

export async function openProxy(target: number): Promise<CountingProxy> {
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
    database.on('data', (data) => {
      answered = true
      client.write(data)
    })
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
