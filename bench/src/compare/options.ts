import { parseArgs } from 'node:util'
import { readInteger, readNumber, UsageError } from '../flags.ts'
import { type Operation, OPERATIONS } from './operations.ts'

export interface CompareOptions {
  commit: string
  operations: Operation[]
  rounds: number
  roundMs: number
  warmMs: number
  /** Number of callers. Each makes one call at a time. */
  concurrency: number
  /** Lowest accepted ratio of the operations in AT_LEAST. */
  atLeast: number | undefined
}

/** Operations that --at-least checks. */
export const AT_LEAST: readonly Operation[] = ['create', 'update', 'complete', 'move']

/** Each caller signs up, and the service limits sign-ups per IP address. */
const MAX_CALLERS = 30

export const USAGE = `Compares the speed of this tree with the speed of another commit. The client calls both on one machine,
in alternating rounds.

  npm run -s bench:compare -- <commit> [operation…] [options]

  operations        ${OPERATIONS.join(', ')}; all by default
  --rounds N        rounds of each side (3)
  --seconds S       length of a round (8)
  --warm S          seconds of warm-up before the first round of each operation and side (8)
  --concurrency N   callers, at most ${MAX_CALLERS} (8)
  --at-least R      exits with 1 if one of ${AT_LEAST.join(', ')} is measured and is not at least R times as fast
`

export function readCompareOptions(args: readonly string[]): CompareOptions | 'help' {
  const { values, positionals } = parse(args)
  if (values.help === true) return 'help'
  const [commit, ...names] = positionals
  if (commit === undefined) throw new UsageError(`Name the commit to compare with.\n\n${USAGE}`)
  const operations = names.map((name) => {
    const found = OPERATIONS.find((one) => one === name)
    if (found === undefined) throw new UsageError(`Unknown operation ${name}. Choose from: ${OPERATIONS.join(', ')}.`)
    return found
  })
  const concurrency = readInteger('--concurrency', values.concurrency, 8, 1)
  if (concurrency > MAX_CALLERS)
    throw new UsageError(`--concurrency must be at most ${MAX_CALLERS}, not ${concurrency}.`)
  return {
    commit,
    operations: operations.length > 0 ? operations : [...OPERATIONS],
    rounds: readInteger('--rounds', values.rounds, 3, 1),
    roundMs: 1000 * readNumber('--seconds', values.seconds, 8, 0.1),
    warmMs: 1000 * readNumber('--warm', values.warm, 8, 0),
    concurrency,
    atLeast: values['at-least'] === undefined ? undefined : readNumber('--at-least', values['at-least'], 1, 0),
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
