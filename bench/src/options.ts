import { parseArgs } from 'node:util'
import { readInteger, readNumber, UsageError } from './flags.ts'
import type { Size } from './model.ts'
import { SERVERS, type Subject, SUBJECTS } from './subjects/calls.ts'
import { WORKS } from './works.ts'

export type RequestedWork = (typeof WORKS)[number] | 'far' | 'feed' | 'start' | TaskwireOnly
/** Measured only for Taskwire. */
const TASKWIRE_ONLY = ['adapters', 'growth', 'steady', 'client'] as const
type TaskwireOnly = (typeof TASKWIRE_ONLY)[number]

export interface Options {
  size: Size
  sizeName: string
  subjects: Subject[]
  works: RequestedWork[]
  /** Whether each work is measured for fewer subjects: see plan.ts. */
  isShort: boolean
  /** The most rounds. */
  rounds: number
  /** Measuring ends before this time, by performance.now(), with fewer rounds if necessary. */
  endMs: number
  /** Number of starts of each subject. */
  starts: number
  runMs: number
  /** Time for which calls are sent before each measurement, since the subject was idle while others were measured. */
  warmMs: number
  /** The longest warm-up before a work; 0 for none. */
  warmLimitMs: number
  connections: number
  seed: number
  /** Calls a second in the first step of `steady`. `steadyMs` is the length of that step. */
  rate: number
  steadyMs: number
  json: string | undefined
  publish: boolean
}

const QUICK: Size = { users: 20_000, tasks: 2_000_000 }
const FULL: Size = { users: 100_000, tasks: 10_000_000 }
// The part of 20 and 2 minutes until the end of measuring. The rest is for installing, starts and the report.
const QUICK_MS = 1_100_000
const SMOKE_MS = 95_000
const SMOKE: Size = { users: 50, tasks: 2000 }

const WORK_NAMES: readonly RequestedWork[] = [...WORKS, 'far', 'feed', 'start', ...TASKWIRE_ONLY]

export const USAGE = `Compares the speed of Taskwire with lower bounds (floor, database) and peers, on generated data.

  npm run -s bench -- [options]

  --quick           20 thousand users, 2 million tasks, rounds of 2 s: within 20 minutes, including seeding. Without the
                    subject database; measures peers only for get, list, create, update, handling and far
  --full            100 thousand users, 10 million tasks, long rounds, hours
  --smoke           50 users, 2000 tasks, one short round without warm-up: a test of the benchmark within 2 minutes; its
                    results mean nothing
                    Without any of these: the size of --quick, longer rounds
  --users N --tasks N     another size; the data of every size is kept for later runs
  --subject A,B     what to compare, some of: ${SUBJECTS.join(', ')}
  --work A,B        works (kinds of call) to measure, some of: ${WORK_NAMES.join(', ')}
  --duration S      seconds of each measurement
  --rounds N        rounds of each subject
  --warm S          the longest warm-up of each subject before each work (20; 0 with --smoke). A warm-up ends when the
                    rate is steady
  --connections N   connections of the load generator (40)
  --rate N          calls a second in the first step of steady (500); the next steps raise the rate until the service
                    falls behind
  --steady S        seconds of the first step of steady (600 with --full)
  --seed N          seed of the data and of the calls (1)
  --json FILE       writes the medians and the targets as JSON
  --publish         also writes docs/performance/<size>.md with its plots and medians
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
  const seconds = readNumber('--duration', values.duration, full ? 10 : smoke ? 0.2 : quick ? 2 : 3, 0.1)
  const works = parseNames<RequestedWork>('--work', values.work, WORK_NAMES)
  return {
    size,
    sizeName: isCustom ? 'custom' : full ? 'full' : smoke ? 'smoke' : 'quick',
    subjects: parseNames<Subject>('--subject', values.subject, SUBJECTS) ?? (quick ? [...SERVERS] : [...SUBJECTS]),
    works: works ?? [...WORKS, 'far', 'feed', 'start', ...(full ? TASKWIRE_ONLY : [])],
    isShort: (quick || smoke) && works === undefined,
    rounds: readInteger('--rounds', values.rounds, full ? 5 : smoke ? 1 : 3, 1),
    endMs: quick ? QUICK_MS : smoke ? SMOKE_MS : Number.POSITIVE_INFINITY,
    starts: full ? 5 : 1,
    runMs: seconds * 1000,
    warmMs: Math.min(2000, seconds * 750),
    warmLimitMs: 1000 * readNumber('--warm', values.warm, smoke ? 0 : 20, 0),
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
        warm: text,
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
