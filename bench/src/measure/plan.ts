import { PEERS, type Subject } from '../subjects/calls.ts'
import { FAR, SEARCHES, VARIED_LIST, type Work, WORKS } from '../works.ts'

/** A work, and the sides that are measured at it in alternation. */
export interface Planned {
  work: string
  sides: readonly string[]
}

/** Times of the measurements. */
export interface Pace {
  rounds: number
  /** Calls before each measurement: the subject was idle while others were measured. */
  warmMs: number
  runMs: number
  /** The longest warm-up before a work; 0 for none. */
  warmLimitMs: number
}

export interface PlanOptions {
  subjects: readonly Subject[]
  works: readonly string[]
  /** For --quick and --smoke: all subjects only at PEER_WORKS, peers also at `far`; floor at the others, except searches. */
  isShort: boolean
}

const PEER_WORKS: readonly Work[] = ['get', 'list', 'create', 'update', 'handling']
/** Only --smoke has the subject `database` and few works. */
const DATABASE_WORKS: readonly Work[] = ['get', 'create']
/** The floors scan all tasks of a user for a search. */
const TASKWIRE_WORKS: readonly Work[] = SEARCHES

/** The subjects that are measured at a work. */
export function subjectsOf(work: Work, { subjects, isShort }: PlanOptions): Subject[] {
  // The work's second side: the same calls without its filters.
  if (work === 'varied-list') return subjects.filter((subject) => subject === 'taskwire')
  if (!isShort) return [...subjects]
  if (PEER_WORKS.includes(work))
    return subjects.filter((subject) => subject !== 'database' || DATABASE_WORKS.includes(work))
  return subjects.filter((subject) => subject === 'taskwire' || (subject === 'floor' && !TASKWIRE_WORKS.includes(work)))
}

const FAR_SUBJECTS: readonly Subject[] = ['taskwire', ...PEERS]
export const farSubjects = (subjects: readonly Subject[]): Subject[] =>
  subjects.filter((subject) => FAR_SUBJECTS.includes(subject))

/** Everything that the run measures in alternation, in order. `start`, `steady` and `client` are not among it. */
export function planOf(options: PlanOptions): Planned[] {
  const { subjects, works } = options
  const planned: Planned[] = WORKS.filter((work) => works.includes(work)).map((work) => ({
    work,
    sides: [
      ...subjectsOf(work, options),
      ...(work === 'varied' ? subjectsOf('varied-list', options).map(() => VARIED_LIST) : []),
    ],
  }))
  const own = subjects.filter((subject) => subject === 'taskwire')
  const add = (name: string, work: string, sides: readonly string[]): void => {
    if (works.includes(name) && sides.length > 0) planned.push({ work, sides })
  }
  for (const work of FAR) add('far', `far-${work}`, farSubjects(subjects))
  add('feed', 'feed', own)
  return planned
}

/** A warm-up usually ends after this time. */
const USUAL_WARM_MS = 5000
/** Three windows, which the shortest warm-up has. */
const LEAST_WARM_MS = 3000
/** To connect, and to finish the calls in flight. */
const OVERHEAD_MS = 100

const roundMs = (sides: number, { warmMs, runMs }: Pace): number => sides * (warmMs + runMs + OVERHEAD_MS)

/** Estimates the time of works, with warm-ups of the given length. */
export function estimateMs(planned: readonly Planned[], pace: Pace, warmMs = USUAL_WARM_MS): number {
  const sides = planned.reduce((sum, one) => sum + one.sides.length, 0)
  return sides * Math.min(warmMs, pace.warmLimitMs) + pace.rounds * roundMs(sides, pace)
}

/** The most rounds, up to those of the pace and at least one, that are likely to fit. */
export function roundsThatFit(planned: readonly Planned[], pace: Pace, leftMs: number): number {
  let { rounds } = pace
  while (rounds > 1 && estimateMs(planned, { ...pace, rounds }) > leftMs) rounds--
  return rounds
}

/** Divides the time until the end between the works, so that each gets at least one round. */
export interface Budget {
  /** Starts a work. Returns false if no time is left for it. */
  begin(work: string, sides: number): boolean
  /** The longest warm-up of the next side, if `cold` sides of the current work are left with it. */
  warmLimitMs(cold: number): number
  /** Whether another round leaves enough time for the works to come. */
  hasTimeForRound(): boolean
  isOver(): boolean
}

/** `endMs` is a time of `now`; no limit if infinite. */
export function createBudget(planned: readonly Planned[], pace: Pace, endMs: number, now: () => number): Budget {
  let pending = [...planned]
  let sides = 0
  const leftMs = (): number => endMs - now() - estimateMs(pending, { ...pace, rounds: 1 })
  const warmMs = (most: number): number => Math.min(most, pace.warmLimitMs)
  return {
    begin(work, count) {
      pending = pending.filter((one) => one.work !== work)
      sides = count
      return endMs - now() >= count * warmMs(LEAST_WARM_MS) + roundMs(count, pace)
    },
    warmLimitMs(cold) {
      const spare = leftMs() - roundMs(sides, pace) - (cold - 1) * warmMs(USUAL_WARM_MS)
      return Math.max(warmMs(LEAST_WARM_MS), warmMs(spare))
    },
    isOver: () => now() >= endMs,
    hasTimeForRound: () => leftMs() >= roundMs(sides, pace),
  }
}

/** Estimates, by which the plan says how long the rest takes: to check and start a subject, to insert a task. */
const PREPARE_MS = 7000
const INSERT_MS = 0.08

type Described = PlanOptions & Pace & { size: { tasks: number }; seed: number; endMs: number }

/** Describes the plan and its time, with works of the same sides in one line. */
export function describePlan(planned: readonly Planned[], options: Described): string[] {
  const bySides = new Map<string, string[]>()
  for (const { work, sides } of planned) {
    const key = sides.join(', ')
    bySides.set(key, [...(bySides.get(key) ?? []), work])
  }
  const known = planned.map(({ work }) => work.replace(/^far-.*/, 'far'))
  const others = options.works.filter((work) => !known.includes(work))
  const minutes = (ms: number): string => (ms / 60_000).toFixed(1)
  const { rounds, warmMs, runMs, warmLimitMs, subjects, size, seed, endMs } = options
  const warming = warmLimitMs > 0 ? `each warmed until its rate is steady, for at most ${warmLimitMs / 1000} s; ` : ''
  const measuring = `${minutes(estimateMs(planned, options))} minutes, ${minutes(estimateMs(planned, options, warmLimitMs))} if no rate becomes steady`
  const preparing = `${minutes(subjects.length * PREPARE_MS)} minutes to check and start the subjects, ${minutes(size.tasks * INSERT_MS)} to create the data unless it is kept`
  return [
    `Plan, with seed ${seed}:`,
    ...[...bySides].map(([sides, works]) => `  ${works.join(', ')}: ${sides}`),
    `  ${warming}${rounds} rounds of ${runMs / 1000} s, each after ${warmMs / 1000} s of calls`,
    `Estimate: ${measuring}; before that ${preparing}.`,
    ...(others.length > 0 ? [`Not in the estimate: ${others.join(', ')}.`] : []),
    ...(Number.isFinite(endMs)
      ? [`Measuring ends ${minutes(endMs)} minutes after now, with fewer rounds if necessary.`]
      : []),
  ]
}
