import { parseArgs } from 'node:util'
import { number, UsageError, whole } from '../flags.ts'
import { type Operation, OPERATIONS } from './operations.ts'

export interface CompareOptions {
  commit: string
  operations: Operation[]
  rounds: number
  roundMs: number
  warmMs: number
  /** Callers, each of whom waits for an answer before the next call. */
  concurrency: number
  /** The least ratio for what AT_LEAST names. */
  atLeast: number | undefined
}

/** What --at-least holds. */
export const AT_LEAST: readonly Operation[] = ['create', 'update', 'complete', 'move']

/** An address may make so many accounts at once. */
const MOST_CALLERS = 30

export const USAGE = `Measures this tree beside another commit, by calls of the client, in turns on one machine.

  npm run -s bench:compare -- <commit> [operation…] [options]

  operations        ${OPERATIONS.join(', ')}; all of them unless told
  --rounds N        how often each side has its turn (3)
  --seconds S       of each round (8)
  --warm S          seconds of each operation on each side before the first round (8)
  --concurrency N   callers, ${MOST_CALLERS} at most (8)
  --at-least R      exits with 1 where ${AT_LEAST.join(', ')}, as far as measured, are less than R times as fast
`

export function readCompareOptions(args: readonly string[]): CompareOptions | 'help' {
  const { values, positionals } = parse(args)
  if (values.help === true) return 'help'
  const [commit, ...asked] = positionals
  if (commit === undefined) throw new UsageError(`Which commit is this tree to be measured beside?\n\n${USAGE}`)
  const operations = asked.map((name) => {
    const found = OPERATIONS.find((one) => one === name)
    if (found === undefined) throw new UsageError(`${name} is not one of ${OPERATIONS.join(', ')}.`)
    return found
  })
  const concurrency = whole('--concurrency', values.concurrency, 8, 1)
  if (concurrency > MOST_CALLERS) throw new UsageError(`--concurrency ${concurrency} is above ${MOST_CALLERS}.`)
  return {
    commit,
    operations: operations.length > 0 ? operations : [...OPERATIONS],
    rounds: whole('--rounds', values.rounds, 3, 1),
    roundMs: 1000 * number('--seconds', values.seconds, 8, 0.1),
    warmMs: 1000 * number('--warm', values.warm, 8, 0),
    concurrency,
    atLeast: values['at-least'] === undefined ? undefined : number('--at-least', values['at-least'], 1, 0),
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        rounds: text,
        seconds: text,
        warm: text,
        concurrency: text,
        'at-least': text,
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
