import { median, spreadOf } from '../report/stats.ts'
import { asText, digits } from '../report/table.ts'
import type { Compared, Round } from './measure.ts'
import { DEFINITIONS, type Operation } from './operations.ts'
import { AT_LEAST } from './options.ts'

/** How many times as fast this tree is, by the medians. */
export function ratioOf({ before, after }: Compared): number {
  return median(after.map(({ rate }) => rate)) / median(before.map(({ rate }) => rate))
}

/** Formats the results of one operation as a table. */
export function formatOperation(operation: Operation, compared: Compared): string {
  const { before, after } = compared
  const heads = ['', 'calls/s', 'rounds', 'CPU client µs', 'CPU service µs', 'CPU PostgreSQL µs']
  // Without the last two columns if the platform does not report CPU times.
  const columns = [...before, ...after].some(({ serviceUs }) => serviceUs === undefined) ? 4 : heads.length
  const table = [heads, rowOf('before', before), rowOf('after', after)].map((row) => row.slice(0, columns))
  const { min, max } = spreadOf(after.map(({ rate }, round) => rate / (before[round]?.rate ?? rate)))
  const ratio = `${ratioOf(compared).toFixed(2)} × as fast (${min.toFixed(2)} to ${max.toFixed(2)} in each round)`
  return `${operation}: ${DEFINITIONS[operation].description}\n${asText(table)}\n${ratio}`
}

function rowOf(name: string, rounds: readonly Round[]): string[] {
  const medianOf = (of: (round: Round) => number | undefined): string =>
    digits(median(rounds.map((one) => of(one) ?? 0)))
  return [
    name,
    medianOf(({ rate }) => rate),
    rounds.map(({ rate }) => digits(rate)).join(' '),
    medianOf(({ clientUs }) => clientUs),
    medianOf(({ serviceUs }) => serviceUs),
    medianOf(({ postgresUs }) => postgresUs),
  ]
}

/** Returns a message for each operation that misses --at-least. */
export function findShortfalls(found: ReadonlyMap<Operation, Compared>, atLeast: number): string[] {
  return [...found].flatMap(([operation, compared]) => {
    const ratio = ratioOf(compared)
    return AT_LEAST.includes(operation) && ratio < atLeast
      ? [`${operation} is ${ratio.toFixed(3)} times as fast, below the required ${atLeast}.`]
      : []
  })
}
