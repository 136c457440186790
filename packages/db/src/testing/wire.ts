/** Reads one connection's protocol, message by message; a message's first part is kept for its rest. */
export interface Wire {
  frontend(bytes: Buffer): Buffer[]
  backend(bytes: Buffer): Buffer[]
}

const letter = (type: string): number => type.charCodeAt(0)

/**
 * A round trip begins with a client's message while every
 * Sync and Query of before has been answered by ReadyForQuery; what goes out up to the next Sync,
 * Query or Flush belongs to it.
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

/** The first whole message, whose length stands behind `before` bytes. */
function first(bytes: Buffer, before: number): Buffer | undefined {
  if (bytes.length < before + 4) return undefined
  const length = before + bytes.readUInt32BE(before)
  return bytes.length < length ? undefined : bytes.subarray(0, length)
}
