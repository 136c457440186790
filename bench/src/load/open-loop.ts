import type { HttpConnection } from './http.ts'
import { createRandom } from './random.ts'

export interface OpenLoop {
  /** Calls a second. */
  rate: number
  seed: number
  pool: readonly HttpConnection[]
  ask(connection: HttpConnection, since: number, then: () => void): void
  isOver(): boolean
}

/**
 * Calls come when they come, as from strangers, whether the server keeps up or not. One that finds
 * no connection waits, and its time runs from when it came.
 */
export function startOpenLoop({ rate, seed, pool, ask, isOver }: OpenLoop): void {
  const random = createRandom(seed + 1)
  const idle = [...pool]
  const queue: number[] = []
  let next = performance.now()

  function serve(): void {
    while (idle.length > 0 && queue.length > 0) {
      const connection = idle.pop()
      const since = queue.shift()
      if (connection === undefined || since === undefined) return
      ask(connection, since, () => {
        idle.push(connection)
        serve()
      })
    }
  }
  const timer = setInterval(() => {
    if (isOver()) return clearInterval(timer)
    for (const now = performance.now(); next <= now; next += (-Math.log(1 - random()) * 1000) / rate) queue.push(next)
    serve()
  }, 1)
}
