import type { ServerResponse } from 'node:http'
import { AppError } from '../errors.ts'

/**
 * Counts the bytes that this process buffers for each caller: request bodies that are arriving, and replies that are not
 * yet sent. A caller that sends or reads slowly could otherwise keep any number of them in memory.
 */
export interface BufferedBytes {
  /** Counts bytes for this response until it is sent or its connection closes. `keyOf` returns the caller's key. */
  track(response: ServerResponse, keyOf: () => string): ResponseBuffer
  readonly bytes: number
}

/** The buffered bytes of one response. */
export interface ResponseBuffer {
  /**
   * Throws OVERLOADED if the caller has more bytes buffered than are free, or this response has too many. A caller without
   * buffered bytes always has room.
   */
  requireRoom(): void
  /** Counts bytes until the response ends, or until the returned object is disposed of. */
  add(bytes: number): Disposable
}

export interface BufferedBytesOptions {
  /** Most bytes of all callers together. A caller may have as many as are left free; alone, it can use half. */
  most?: number
  /** Most bytes of one response. Further calls of its batch are refused: a larger reply would block the event loop. */
  mostOfOne?: number
}

const MIB = 1024 * 1024

export function createBufferedBytes({
  most = 256 * MIB,
  mostOfOne = 8 * MIB,
}: BufferedBytesOptions = {}): BufferedBytes {
  const bytesByKey = new Map<string, number>()
  let total = 0

  function count(key: string, bytes: number): void {
    total += bytes
    const own = (bytesByKey.get(key) ?? 0) + bytes
    if (own === 0) bytesByKey.delete(key)
    else bytesByKey.set(key, own)
  }

  return {
    track(response, keyOf) {
      const counted = new Set<Disposable>()
      let responseBytes = 0
      response.once('close', () => {
        for (const entry of counted) entry[Symbol.dispose]()
      })
      return {
        requireRoom() {
          const own = bytesByKey.get(keyOf()) ?? 0
          if (responseBytes >= mostOfOne || (own > 0 && own > most - total)) throw overloaded()
        },
        add(bytes) {
          // Read once: the key changes when the credential is verified.
          const key = keyOf()
          const entry = {
            [Symbol.dispose]() {
              if (!counted.delete(entry)) return
              responseBytes -= bytes
              count(key, -bytes)
            },
          }
          if (response.destroyed) return entry
          counted.add(entry)
          responseBytes += bytes
          count(key, bytes)
          return entry
        },
      }
    },
    get bytes() {
      return total
    },
  }
}

function overloaded(): AppError {
  return new AppError(
    'OVERLOADED',
    'Too many bytes are buffered for you: read the replies, and request less at once.',
    { retryAfterMs: 1000 },
  )
}
