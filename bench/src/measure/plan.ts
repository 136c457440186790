import { PEERS, type Subject } from '../subjects/calls.ts'
import { FAR, SEARCHES, VARIED_LIST, type Work, WORKS } from '../works.ts'

/** A work, and the sides (subjects, or variants of one subject) that are measured for it in alternation. */
export interface Planned {
  work: string
  sides: readonly string[]
}

/** Times of the measurements. */
export interface Pace {
  rounds: number
  /** Time for which calls are sent before each measurement, since the subject was idle while others were measured. */
  warmMs: number
  runMs: number
  /** The longest warm-up before a work; 0 for none. */
  warmLimitMs: number
}

export interface PlanOptions {
  subjects: readonly Subject[]
  works: readonly string[]
  /**
   * For --quick and --smoke. All subjects are measured only for PEER_WORKS, peers also for `far`. Other works are
   * measured only for taskwire and, except for searches, floor.
   */
  isShort: boolean
}

const PEER_WORKS: readonly Work[] = ['get', 'list', 'create', 'update', 'handling']
/** The works of `database` in a short run. Of the short runs, only --smoke has this subject by default. */
const DATABASE_WORKS: readonly Work[] = ['get', 'create']
/** In a short run, measured only for taskwire: the floors scan all tasks of a user for a search. */
const TASKWIRE_WORKS: readonly Work[] = SEARCHES

/** Returns the subjects that are measured for a work. */
export function subjectsOf(work: Work, { subjects, isShort }: PlanOptions): Subject[] {
  // The second side of `varied`: the lists of the same users, without filters.
  if (work === 'varied-list') return subjects.filter((subject) => subject === 'taskwire')
  if (!isShort) return [...subjects]
  if (PEER_WORKS.includes(work))
    return subjects.filter((subject) => subject !== 'database' || DATABASE_WORKS.includes(work))
  return subjects.filter((subject) => subject === 'taskwire' || (subject === 'floor' && !TASKWIRE_WORKS.includes(work)))
}

const FAR_SUBJECTS: readonly Subject[] = ['taskwire', ...PEERS]
export const farSubjects = (subjects: readonly Subject[]): Subject[] =>
  subjects.filter((subject) => FAR_SUBJECTS.includes(subject))

/** Returns the works whose time is planned, in order: not `start`, `adapters`, `growth`, `steady` and `client`. */
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
/** The shortest warm-up has three windows. */
const LEAST_WARM_MS = 3000
/** To connect, and to finish the calls in flight. */
const OVERHEAD_MS = 100

const roundMs = (sides: number, { warmMs, runMs }: Pace): number => sides * (warmMs + runMs + OVERHEAD_MS)

/** Estimates the time of works, with warm-ups of the given length. */
export function estimateMs(planned: readonly Planned[], pace: Pace, warmMs = USUAL_WARM_MS): number {
  const sides = planned.reduce((sum, one) => sum + one.sides.length, 0)
  return sides * Math.min(warmMs, pace.warmLimitMs) + pace.rounds * roundMs(sides, pace)
}

/** Returns how many rounds are likely to fit: at least one, and at most those of the pace. */
export function roundsThatFit(planned: readonly Planned[], pace: Pace, leftMs: number): number {
  let { rounds } = pace
  while (rounds > 1 && estimateMs(planned, { ...pace, rounds }) > leftMs) rounds--
  return rounds
}

/** Divides the time until the end between the works, so that each gets at least one round. */
export interface Budget {
  /** Starts a work. Returns false if no time is left for it. */
  begin(work: string, sides: number): boolean
  /** The longest warm-up of the next side. `cold` is the number of sides of this work that are not yet warm. */
  warmLimitMs(cold: number): number
  /** Whether another round leaves enough time for the remaining works. */
  hasTimeForRound(): boolean
  isOver(): boolean
}

/** `endMs` is the time of `now()` at which measuring has to end. If it is infinite, there is no limit. */
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

/** Estimates of what the plan does not measure: the time to check and start a subject, and to insert a task. */
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
      ? [`Measuring ends within ${minutes(endMs)} minutes from now, with fewer rounds if necessary.`]
      : []),
  ]
}
