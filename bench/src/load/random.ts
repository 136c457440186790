/** Random numbers from 0 to 1, determined by the seed (mulberry32). */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

/** A version 7 UUID of the current time. */
export function uuidv7(random: Random): string {
  const ms = hex(Date.now(), 12)
  const a = hex(Math.floor(random() * 4096), 3)
  const b = hex(Math.floor(random() * 4096), 3)
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${a}-8${b}-${hex(Math.floor(random() * 2 ** 48), 12)}`
}
