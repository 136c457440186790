import { RUNS } from '../testing/text.ts'

export interface Cost {
  step: string
  largest: string
  ms: number
  by: string
}

const RUNS_EACH = 7

/** Of several runs the quickest: all else on the machine only adds to it. */
async function least(work: () => unknown): Promise<number> {
  let ms = Infinity
  for (let run = 0; run < RUNS_EACH; run++) {
    const began = performance.now()
    await work()
    ms = Math.min(ms, performance.now() - began)
  }
  return ms
}

/** Of the inputs, by name, the one that takes longest. */
export async function dearest<T>(
  step: string,
  largest: string,
  inputs: Record<string, T>,
  work: (input: T) => unknown,
): Promise<Cost> {
  let most = { step, largest, ms: -1, by: '' }
  for (const [by, input] of Object.entries(inputs)) {
    const ms = await least(async () => await work(input))
    if (ms > most.ms) most = { step, largest, ms, by }
  }
  return most
}

/** Every kind of text, of this many UTF-16 units. */
export function textsOf(units: number): Record<string, string> {
  return mapValues(RUNS, (run) => run(units).slice(0, units))
}

/** Every kind of text, of about so many bytes of JSON. */
export function textsOfBytes(bytes: number): Record<string, string> {
  return mapValues(RUNS, (run) => run((bytes * 1000) / Buffer.byteLength(JSON.stringify(run(1000)))))
}

export function mapValues<T, U>(from: Record<string, T>, one: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, one(value)]))
}
