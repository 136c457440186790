import type { HttpConnection } from './http.ts'
import { createRandom } from './random.ts'

export interface OpenLoop {
  /** Calls a second. */
  rate: number
  seed: number
  pool: readonly HttpConnection[]
  send(connection: HttpConnection, since: number, then: () => void): void
  isOver(): boolean
}

/**
 * Sends calls at random times (a Poisson process), whether or not the server keeps up. A call that finds no
 * idle connection waits; its latency includes the wait.
 */
export function startOpenLoop({ rate, seed, pool, send, isOver }: OpenLoop): void {
  const random = createRandom(seed + 1)
  const idle = [...pool]
  const queue: number[] = []
  let next = performance.now()

  function sendQueued(): void {
    while (idle.length > 0 && queue.length > 0) {
      const connection = idle.pop()
      const since = queue.shift()
      if (connection === undefined || since === undefined) return
      send(connection, since, () => {
        idle.push(connection)
        sendQueued()
      })
    }
  }
  const timer = setInterval(() => {
    if (isOver()) return clearInterval(timer)
    for (const now = performance.now(); next <= now; next += (-Math.log(1 - random()) * 1000) / rate) queue.push(next)
    sendQueued()
  }, 1)
}
