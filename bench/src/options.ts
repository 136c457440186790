import { parseArgs } from 'node:util'
import { number, UsageError, whole } from './flags.ts'
import type { Size } from './model.ts'
import { SERVERS, type Subject, SUBJECTS } from './subjects/calls.ts'
import { type Work, WORKS } from './works.ts'

export type Asked = Work | 'start' | 'feed' | Aside
/** What is measured of Taskwire alone. */
const ASIDE = ['adapters', 'workers', 'growth', 'steady', 'client'] as const
type Aside = (typeof ASIDE)[number]

export interface Options {
  size: Size
  sizeName: string
  subjects: Subject[]
  works: Asked[]
  rounds: number
  /** No round is begun that would end later, in milliseconds of the process. */
  endMs: number
  /** How often each subject is started. */
  starts: number
  runMs: number
  warmMs: number
  connections: number
  seed: number
  /** Calls a second with which `steady` begins, and for how long. */
  rate: number
  steadyMs: number
  json: string | undefined
  publish: boolean
}

const QUICK: Size = { users: 20_000, tasks: 2_000_000 }
const FULL: Size = { users: 100_000, tasks: 10_000_000 }
const SMOKE: Size = { users: 50, tasks: 2000 }

export const USAGE = `Measures Taskwire beside floors and peers, on data of its own.

  npm run -s bench -- [options]

  --quick           20 thousand users, 2 million tasks, short rounds, without database: within 5 minutes, seeding included
  --full            100 thousand users, 10 million tasks, long rounds
  --smoke           50 users, 2000 tasks, one short round: whether it works, within a minute; its figures mean nothing
                    without any of these: the size of --quick, longer rounds
  --users N --tasks N     another size; kept for the next time, as every size is
  --subject A,B     some of: ${SUBJECTS.join(', ')}
  --work A,B        some of: ${[...WORKS, 'feed', 'start', ...ASIDE].join(', ')}
  --duration S      seconds of each measurement
  --rounds N        how often each subject has its turn
  --connections N   of the load generator (40)
  --rate N          calls a second with which steady begins (500): it raises them until the service breaks
  --steady S        seconds of its first step (600 with --full)
  --seed N          of the data and of what is asked (1)
  --json FILE       the medians, for programs
  --publish         writes docs/performance.md with its plots and medians as well
`

export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args)
  if (values.help === true) return 'help'
  const { quick = false, full = false, smoke = false } = values
  if ([quick, full, smoke].filter(Boolean).length > 1)
    throw new UsageError('--quick, --full and --smoke are three sizes: give one of them.')
  const known = full ? FULL : smoke ? SMOKE : QUICK
  const size = {
    users: whole('--users', values.users, known.users, 10),
    tasks: whole('--tasks', values.tasks, known.tasks, 2000),
  }
  const own = size.users !== known.users || size.tasks !== known.tasks
  const seconds = number('--duration', values.duration, full ? 10 : smoke ? 0.2 : quick ? 0.25 : 3, 0.1)
  const works = names<Asked>('--work', values.work, [...WORKS, 'start', 'feed', ...ASIDE])
  return {
    size,
    sizeName: own ? 'custom' : full ? 'full' : smoke ? 'smoke' : 'quick',
    subjects: names<Subject>('--subject', values.subject, SUBJECTS) ?? (quick ? [...SERVERS] : [...SUBJECTS]),
    works: works ?? [...WORKS, 'feed', 'start', ...(full ? ASIDE : [])],
    rounds: whole('--rounds', values.rounds, full ? 5 : smoke ? 1 : 3, 1),
    endMs: quick ? 265_000 : Number.POSITIVE_INFINITY,
    starts: full ? 5 : 1,
    runMs: seconds * 1000,
    warmMs: Math.min(1000, seconds * 400),
    connections: whole('--connections', values.connections, 40, 1),
    seed: whole('--seed', values.seed, 1, 0),
    rate: whole('--rate', values.rate, 500, 1),
    steadyMs: 1000 * number('--steady', values.steady, full ? 600 : seconds, 0.1),
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

function names<T extends string>(flag: string, text: string | undefined, known: readonly T[]): T[] | undefined {
  if (text === undefined) return undefined
  return text.split(',').map((name) => {
    const found = known.find((one) => one === name)
    if (found === undefined) throw new UsageError(`${flag} ${name} is not one of ${known.join(', ')}.`)
    return found
  })
}
