import { TEXT_KINDS } from '../text.ts'

export interface Cost {
  step: string
  largest: string
  ms: number
  by: string
}

const RUNS_EACH = 7

/** Returns the time of the fastest of several runs: other load on the machine can only add to it. */
async function fastestRun(work: () => unknown): Promise<number> {
  let ms = Infinity
  for (let run = 0; run < RUNS_EACH; run++) {
    const began = performance.now()
    await work()
    ms = Math.min(ms, performance.now() - began)
  }
  return ms
}

/** Measures each input, and returns the cost of the slowest. */
export async function slowest<T>(
  step: string,
  largest: string,
  inputs: Record<string, T>,
  work: (input: T) => unknown,
): Promise<Cost> {
  let most = { step, largest, ms: -1, by: '' }
  for (const [by, input] of Object.entries(inputs)) {
    const ms = await fastestRun(async () => await work(input))
    if (ms > most.ms) most = { step, largest, ms, by }
  }
  return most
}

/** Returns every kind of text with this many UTF-16 units. */
export function textsOf(units: number): Record<string, string> {
  return mapValues(TEXT_KINDS, (textOf) => textOf(units).slice(0, units))
}

/** Returns every kind of text with about this many bytes of JSON. */
export function textsOfBytes(bytes: number): Record<string, string> {
  return mapValues(TEXT_KINDS, (textOf) => textOf((bytes * 1000) / Buffer.byteLength(JSON.stringify(textOf(1000)))))
}

export function mapValues<T, U>(from: Record<string, T>, one: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, one(value)]))
}
