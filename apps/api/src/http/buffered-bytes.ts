import type { ServerResponse } from 'node:http'
import { AppError } from '../errors.ts'

/**
 * Counts what this process holds for callers: bodies that come, and replies that are not taken. Who sends slowly, or
 * reads slowly, has it held for long, on as many connections as they have.
 */
export interface BufferedBytes {
  /** What is held until this answer has gone out, or its connection has ended; `keyOf` tells for whom. */
  until(answer: ServerResponse, keyOf: () => string): Holding
  readonly bytes: number
}

export interface Holding {
  /**
   * Throws OVERLOADED where more is held for this caller already than is free, or much for this answer alone. A caller
   * for whom nothing is held always finds room.
   */
  requireRoom(): void
  /** Counts these until the answer is gone, or until what it gives is disposed of. */
  add(bytes: number): Disposable
}

export interface BufferedBytesOptions {
  /** Bytes of all callers together. One alone gets half; of ever so many, each as much as they leave free. */
  most?: number
  /** Of one answer: the calls of a batch beyond it are sent again. Putting it together holds everybody up. */
  mostOfOne?: number
}

const MIB = 1024 * 1024

export function createBufferedBytes({
  most = 256 * MIB,
  mostOfOne = 8 * MIB,
}: BufferedBytesOptions = {}): BufferedBytes {
  const held = new Map<string, number>()
  let total = 0

  function count(key: string, bytes: number): void {
    total += bytes
    const own = (held.get(key) ?? 0) + bytes
    if (own === 0) held.delete(key)
    else held.set(key, own)
  }

  return {
    until(answer, keyOf) {
      const here = new Set<Disposable>()
      let bytesHere = 0
      answer.once('close', () => {
        for (const one of here) one[Symbol.dispose]()
      })
      return {
        requireRoom() {
          const own = held.get(keyOf()) ?? 0
          if (bytesHere >= mostOfOne || (own > 0 && own > most - total)) throw overloaded()
        },
        add(bytes) {
          // A caller's key changes when it is known whose credential it is.
          const key = keyOf()
          const one = {
            [Symbol.dispose]() {
              if (!here.delete(one)) return
              bytesHere -= bytes
              count(key, -bytes)
            },
          }
          if (answer.destroyed) return one
          here.add(one)
          bytesHere += bytes
          count(key, bytes)
          return one
        },
      }
    },
    get bytes() {
      return total
    },
  }
}

function overloaded(): AppError {
  return new AppError('OVERLOADED', 'Too much is held for you already: read the replies, and ask for less at once.', {
    retryAfterMs: 1000,
  })
}
