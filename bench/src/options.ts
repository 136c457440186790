import { parseArgs } from 'node:util'
import { readInteger, readNumber, UsageError } from './flags.ts'
import type { Size } from './model.ts'
import { SERVERS, type Subject, SUBJECTS } from './subjects/calls.ts'
import { type Work, WORKS } from './works.ts'

export type RequestedWork = Work | 'start' | 'feed' | TaskwireOnly
/** Measured only for Taskwire. */
const TASKWIRE_ONLY = ['adapters', 'growth', 'steady', 'client'] as const
type TaskwireOnly = (typeof TASKWIRE_ONLY)[number]

export interface Options {
  size: Size
  sizeName: string
  subjects: Subject[]
  works: RequestedWork[]
  rounds: number
  /** No round starts that would end after this time, by performance.now(). */
  endMs: number
  /** Number of starts of each subject. */
  starts: number
  runMs: number
  warmMs: number
  connections: number
  seed: number
  /** Calls a second of the first step of `steady`, and its length. */
  rate: number
  steadyMs: number
  json: string | undefined
  publish: boolean
}

const QUICK: Size = { users: 20_000, tasks: 2_000_000 }
const FULL: Size = { users: 100_000, tasks: 10_000_000 }
const SMOKE: Size = { users: 50, tasks: 2000 }

export const USAGE = `Compares the speed of Taskwire with lower bounds (floor, database) and peers, on generated data.

  npm run -s bench -- [options]

  --quick           20 thousand users, 2 million tasks, short rounds, without the subject database: within 5 minutes, including seeding
  --full            100 thousand users, 10 million tasks, long rounds
  --smoke           50 users, 2000 tasks, one short round: a test of the benchmark within a minute; its results mean nothing
                    Without any of these: the size of --quick, longer rounds
  --users N --tasks N     another size; the data of every size is kept for later runs
  --subject A,B     some of: ${SUBJECTS.join(', ')}
  --work A,B        some of: ${[...WORKS, 'feed', 'start', ...TASKWIRE_ONLY].join(', ')}
  --duration S      seconds of each measurement
  --rounds N        rounds of each subject
  --connections N   connections of the load generator (40)
  --rate N          calls a second of the first step of steady (500), which raises them until the service falls behind
  --steady S        seconds of the first step of steady (600 with --full)
  --seed N          seed of the data and of the calls (1)
  --json FILE       writes the medians as JSON
  --publish         also writes docs/performance.md with its plots and medians
`

export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args)
  if (values.help === true) return 'help'
  const { quick = false, full = false, smoke = false } = values
  if ([quick, full, smoke].filter(Boolean).length > 1)
    throw new UsageError('--quick, --full and --smoke exclude each other: use one of them.')
  const preset = full ? FULL : smoke ? SMOKE : QUICK
  const size = {
    users: readInteger('--users', values.users, preset.users, 10),
    tasks: readInteger('--tasks', values.tasks, preset.tasks, 2000),
  }
  const isCustom = size.users !== preset.users || size.tasks !== preset.tasks
  const seconds = readNumber('--duration', values.duration, full ? 10 : smoke ? 0.2 : quick ? 0.25 : 3, 0.1)
  const works = parseNames<RequestedWork>('--work', values.work, [...WORKS, 'start', 'feed', ...TASKWIRE_ONLY])
  return {
    size,
    sizeName: isCustom ? 'custom' : full ? 'full' : smoke ? 'smoke' : 'quick',
    subjects: parseNames<Subject>('--subject', values.subject, SUBJECTS) ?? (quick ? [...SERVERS] : [...SUBJECTS]),
    works: works ?? [...WORKS, 'feed', 'start', ...(full ? TASKWIRE_ONLY : [])],
    rounds: readInteger('--rounds', values.rounds, full ? 5 : smoke ? 1 : 3, 1),
    endMs: quick ? 265_000 : Number.POSITIVE_INFINITY,
    starts: full ? 5 : 1,
    runMs: seconds * 1000,
    warmMs: Math.min(1000, seconds * 400),
    connections: readInteger('--connections', values.connections, 40, 1),
    seed: readInteger('--seed', values.seed, 1, 0),
    rate: readInteger('--rate', values.rate, 500, 1),
    steadyMs: 1000 * readNumber('--steady', values.steady, full ? 600 : seconds, 0.1),
    json: values.json,
    publish: values.publish ?? false,
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        quick: flag,
        full: flag,
        smoke: flag,
        publish: flag,
        users: text,
        tasks: text,
        subject: text,
        work: text,
        duration: text,
        rounds: text,
        connections: text,
        rate: text,
        steady: text,
        seed: text,
        json: text,
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function parseNames<T extends string>(flag: string, text: string | undefined, known: readonly T[]): T[] | undefined {
  if (text === undefined) return undefined
  return text.split(',').map((name) => {
    const found = known.find((one) => one === name)
    if (found === undefined) throw new UsageError(`Unknown name ${name} in ${flag}. Choose from: ${known.join(', ')}.`)
    return found
  })
}
