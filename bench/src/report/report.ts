import { availableParallelism, loadavg } from 'node:os'
import type { Measured } from '../load/job.ts'
import { pinningDescription } from '../measure/pinning.ts'
import type { ClientCost } from '../measure/client.ts'
import type { Trips } from '../measure/preflight.ts'
import type { TableSize } from '../measure/sizes.ts'
import type { Step } from '../measure/steady.ts'
import type { Conditions } from '../measure/turns.ts'
import type { Warmed } from '../measure/warm-up.ts'
import type { Options } from '../options.ts'
import { median, type Spread, spreadOf } from './stats.ts'

export interface Machine {
  cores: number
  system: string
  node: string
  postgres: string
  pinned: string
  /** Load average of the minute before the run. */
  loadBefore: number
  /** The share of the CPU time, over all measurements, that the host gave to other machines. */
  steal?: number
}

/** All results of a run. */
export interface Report {
  at: string
  machine: Machine
  options: Options
  /** Rounds of each subject, by work. */
  works: Map<string, Map<string, Measured[]>>
  /** Warm-ups, rounds and steal, by work. */
  conditions: Map<string, Conditions>
  trips: Map<string, Trips>
  memory: Map<string, { restMib: number; loadMib: number }>
  steady: Step[]
  sizes: TableSize[]
  client?: ClientCost
}

/** Call this before measuring, because it reads the load of the machine. */
export function machineOf(postgres: string): Machine {
  return {
    cores: availableParallelism(),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    postgres,
    pinned: pinningDescription,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
  }
}

/** Describes the machine in one line. */
export function describeMachine(at: string, { cores, system, node, postgres }: Machine): string {
  return `${at}; ${cores} cores, ${system}; Node ${node}; PostgreSQL ${postgres}`
}

export function busyWarning({ loadBefore, cores }: Machine): string[] {
  return loadBefore > cores / 2
    ? [`THE MACHINE WAS BUSY before the run (load ${loadBefore}): repeat the run on a quiet machine.`]
    : []
}

/** The medians of one subject at one work. */
export interface Row {
  subject: string
  rate: Spread
  p50: number
  p95: number
  p99: number
  cpuServerUs: number
  cpuDatabaseUs: number
  bytes: number
  trips: number | null | undefined
  /** How many times as fast as the subject Taskwire is, by the ratios within each round. */
  ratio: Spread | undefined
  isGeneratorLimited: boolean
  /** The share of calls that the service refused because of overload. */
  refused: number
  warmed: Warmed | undefined
}

const GENERATOR_LIMIT = 0.95

export function rowsOf(report: Report, work: string): Row[] {
  const subjects = report.works.get(work) ?? new Map<string, Measured[]>()
  const taskwireRounds = subjects.get('taskwire')
  return [...subjects].map(([subject, rounds]) => {
    const medianOf = (of: (m: Measured) => number): number => median(rounds.map(of))
    const ratios = rounds.flatMap(({ rate }, n) => {
      const taskwire = taskwireRounds?.[n]
      return taskwire === undefined || rate === 0 ? [] : [taskwire.rate / rate]
    })
    return {
      subject,
      rate: spreadOf(rounds.map(({ rate }) => rate)),
      p50: medianOf(({ p50 }) => p50),
      p95: medianOf(({ p95 }) => p95),
      p99: medianOf(({ p99 }) => p99),
      cpuServerUs: medianOf(({ cpuServerUs }) => cpuServerUs),
      cpuDatabaseUs: medianOf(({ cpuDatabaseUs }) => cpuDatabaseUs),
      bytes: medianOf(({ bytes }) => bytes),
      // `far` has the calls of other works, and the same round trips.
      trips: report.trips.get(subject)?.[work.replace(/^far-/, '') as keyof Trips],
      ratio: ratios.length > 0 && subject !== 'taskwire' ? spreadOf(ratios) : undefined,
      refused: medianOf(({ calls, refused }) => refused / Math.max(1, calls + refused)),
      warmed: report.conditions.get(work)?.warmed.get(subject),
      isGeneratorLimited: medianOf(({ generatorLoad }) => generatorLoad) > GENERATOR_LIMIT,
    }
  })
}
