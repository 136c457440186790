/** Random values that a seed reproduces. */
export interface Random {
  /** From 0, below 1. */
  next(): number
  /** A whole number from 0, below `below`. */
  below(below: number): number
  pick<T>(from: readonly T[]): T
  /** A version 4 UUID. */
  uuid(): string
  /** A session token. */
  token(): string
  shuffle<T>(values: readonly T[]): T[]
  /** An independent generator, which does not depend on how many values the others have drawn. */
  fork(name: string | number): Random
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (most: number): number => Math.floor(next() * most)
  return {
    next,
    below,
    pick(from) {
      const picked = from[below(from.length)]
      if (picked === undefined) throw new RangeError('pick() needs at least one value')
      return picked
    },
    uuid() {
      const hex = Array.from({ length: 32 }, () => below(16).toString(16))
      hex[12] = '4'
      hex[16] = (8 + below(4)).toString(16)
      return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    },
    token: () => Array.from({ length: 32 }, () => below(36).toString(36)).join(''),
    shuffle(values) {
      const shuffled = [...values]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const [a, b] = [shuffled[last], shuffled[other]]
        // Both indices are in range.
        if (a !== undefined && b !== undefined) [shuffled[last], shuffled[other]] = [b, a]
      }
      return shuffled
    },
    fork(name) {
      let hash = seed ^ 0x9e3779b9
      for (const char of String(name)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
      return createRandom(hash)
    },
  }
}
