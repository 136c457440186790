/** Splits the bytes of one connection into protocol messages; an incomplete message is kept until its rest arrives. */
export interface Wire {
  frontend(bytes: Buffer): Buffer[]
  backend(bytes: Buffer): Buffer[]
}

const letter = (type: string): number => type.charCodeAt(0)

/**
 * Counts round trips. A round trip begins with a message of the client, if every earlier Sync and Query has been
 * answered by ReadyForQuery. Further messages up to the next Sync, Query or Flush belong to it.
 */
export function createWire(onRoundTrip: () => void): Wire {
  let unanswered = 0
  let together = false
  let started = false
  let begun = false
  let ahead: Buffer = Buffer.alloc(0)
  let back: Buffer = Buffer.alloc(0)

  return {
    frontend(bytes: Buffer): Buffer[] {
      const messages: Buffer[] = []
      ahead = Buffer.concat([ahead, bytes])
      while (ahead.length > 0) {
        const type = started ? ahead[0] : undefined
        if (!begun && !together && unanswered === 0 && type !== letter('X')) onRoundTrip()
        begun = true
        const message = first(ahead, started ? 1 : 0)
        if (message === undefined) break
        begun = false
        started = true
        ahead = ahead.subarray(message.length)
        messages.push(message)
        if (type === letter('S') || type === letter('Q')) unanswered++
        together = 'PBDECdcf'.includes(String.fromCharCode(type ?? 0))
      }
      return messages
    },
    backend(bytes: Buffer): Buffer[] {
      const messages: Buffer[] = []
      back = Buffer.concat([back, bytes])
      for (let message = first(back, 1); message !== undefined; message = first(back, 1)) {
        back = back.subarray(message.length)
        messages.push(message)
        if (message[0] === letter('Z')) unanswered = Math.max(0, unanswered - 1)
      }
      return messages
    },
  }
}

/** Returns the first complete message; its length field follows `before` bytes. */
function first(bytes: Buffer, before: number): Buffer | undefined {
  if (bytes.length < before + 4) return undefined
  const length = before + bytes.readUInt32BE(before)
  return bytes.length < length ? undefined : bytes.subarray(0, length)
}
