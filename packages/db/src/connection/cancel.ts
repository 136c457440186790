import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Address } from './address.ts'
import { openSocket } from './socket.ts'
import { timeLimit } from './time-limit.ts'

/** The server process of a connection, and the secret that authorizes cancelling it. */
export interface Backend {
  pid: number
  secret: number
}

const CANCEL_REQUEST = 80_877_102
const CANCEL_MS = 1000

/**
 * Asks the server to cancel the statement of a backend. Resolves when the server has the request; rejects if the
 * request cannot be sent.
 */
export async function requestCancel(address: Address, { pid, secret }: Backend): Promise<void> {
  const request = Buffer.alloc(16)
  for (const [at, value] of [16, CANCEL_REQUEST, pid, secret].entries()) request.writeUInt32BE(value, 4 * at)
  const { promise: delivered, resolve, reject } = Promise.withResolvers<void>()
  using _limit = timeLimit(CANCEL_MS, () =>
    reject(new Error(`The cancel request was not delivered within ${CANCEL_MS} ms`)),
  )
  let opening: Socket | undefined
  const send = async (): Promise<void> => {
    const socket = await openSocket(address, (opened) => {
      opening = opened
    })
    // The server sends no answer: it closes the connection when it has signalled the backend.
    socket.resume().write(request)
    await once(socket, 'close')
  }
  send().then(resolve, reject)
  try {
    await delivered
  } finally {
    opening?.destroy()
  }
}
