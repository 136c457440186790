import { availableParallelism, loadavg } from 'node:os'
import type { Measured } from '../load/job.ts'
import { pinningInWords } from '../measure/pinning.ts'
import type { ClientCost } from '../measure/client.ts'
import type { Trips } from '../measure/preflight.ts'
import type { TableSize } from '../measure/sizes.ts'
import type { Step } from '../measure/steady.ts'
import type { Options } from '../options.ts'
import { median, type Spread, spreadOf } from './stats.ts'

export interface Machine {
  cores: number
  system: string
  node: string
  postgres: string
  pinned: string
  /** Processes that wanted a core in the minute before, on average: what else the machine did. */
  loadBefore: number
}

/** All that a run has found. */
export interface Report {
  at: string
  machine: Machine
  options: Options
  /** Rounds of each subject, by work. */
  works: Map<string, Map<string, Measured[]>>
  trips: Map<string, Trips>
  memory: Map<string, { restMib: number; loadMib: number }>
  steady: Step[]
  sizes: TableSize[]
  client?: ClientCost
}

/** To be asked before anything is measured. */
export function machineOf(postgres: string): Machine {
  return {
    cores: availableParallelism(),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    postgres,
    pinned: pinningInWords,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
  }
}

/** What a reader has to know of the machine to judge the figures. */
export function machineInWords(at: string, { cores, system, node, postgres }: Machine): string {
  return `${at}; ${cores} cores, ${system}; Node ${node}; PostgreSQL ${postgres}`
}

export function busyWarning({ loadBefore, cores }: Machine): string[] {
  return loadBefore > cores / 2
    ? [`THE MACHINE WAS BUSY with other things before the run began (load ${loadBefore}): repeat it on a quiet one.`]
    : []
}

/** One subject at one work: medians over its rounds. */
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
  /** How many times as fast Taskwire is: the median over rounds of the ratio in each. */
  ratio: Spread | undefined
  generatorBound: boolean
  /** The share of calls that the service refused for having too much to do. */
  refused: number
}

const GENERATOR_BOUND = 0.95

export function rowsOf(report: Report, work: string): Row[] {
  const subjects = report.works.get(work) ?? new Map<string, Measured[]>()
  const own = subjects.get('taskwire')
  return [...subjects].map(([subject, rounds]) => {
    const middle = (of: (m: Measured) => number): number => median(rounds.map(of))
    const ratios = rounds.flatMap(({ rate }, n) => {
      const taskwire = own?.[n]
      return taskwire === undefined || rate === 0 ? [] : [taskwire.rate / rate]
    })
    return {
      subject,
      rate: spreadOf(rounds.map(({ rate }) => rate)),
      p50: middle(({ p50 }) => p50),
      p95: middle(({ p95 }) => p95),
      p99: middle(({ p99 }) => p99),
      cpuServerUs: middle(({ cpuServerUs }) => cpuServerUs),
      cpuDatabaseUs: middle(({ cpuDatabaseUs }) => cpuDatabaseUs),
      bytes: middle(({ bytes }) => bytes),
      trips: report.trips.get(subject)?.[work as keyof Trips],
      ratio: ratios.length > 0 && subject !== 'taskwire' ? spreadOf(ratios) : undefined,
      refused: middle(({ calls, refused }) => refused / Math.max(1, calls + refused)),
      generatorBound: middle(({ generatorLoad }) => generatorLoad) > GENERATOR_BOUND,
    }
  })
}
