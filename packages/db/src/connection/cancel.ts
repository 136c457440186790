import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Address } from './address.ts'
import { openSocket } from './socket.ts'

/** Which of the server's processes a connection has, and what proves that it is one's own. */
export interface Backend {
  pid: number
  secret: number
}

const CANCEL_REQUEST = 80_877_102
const CANCEL_MS = 1000

/** Resolves when the server has been told to give up what it does for this backend; rejects where it cannot be told. */
export async function tellToCancel(address: Address, { pid, secret }: Backend): Promise<void> {
  const request = Buffer.alloc(16)
  for (const [at, value] of [16, CANCEL_REQUEST, pid, secret].entries()) request.writeUInt32BE(value, 4 * at)
  const { promise: told, resolve, reject } = Promise.withResolvers<void>()
  const late = setTimeout(() => reject(new Error(`The server was not told within ${CANCEL_MS} ms`)), CANCEL_MS)
  let opening: Socket | undefined
  const tell = async (): Promise<void> => {
    const line = await openSocket(address, (socket) => {
      opening = socket
    })
    // It answers nothing: it hangs up when the signal has been sent.
    line.resume().write(request)
    await once(line, 'close')
  }
  tell().then(resolve, reject)
  try {
    await told
  } finally {
    clearTimeout(late)
    opening?.destroy()
  }
}
