import { type Report, rowsOf } from './report.ts'
import { type Target, targetsOf } from './targets.ts'

interface Medians {
  /** Calls a second. */
  rate: number
  /** Latency in milliseconds. */
  p50: number
  p95: number
  p99: number
  /** Microseconds of CPU for each call. */
  cpuServerUs: number
  cpuDatabaseUs: number
  /** Bytes of a reply. */
  bytes: number
  /** Seconds of the warm-up before the work; absent without one. */
  warmedS?: number
  /** Whether the rate was steady at the end of the warm-up. */
  isSteady?: boolean
}

/** The file of `--json`: medians over the rounds. */
export interface Summary {
  machine: Report['machine']
  size: { name: string; users: number; tasks: number }
  works: Record<string, Record<string, Medians>>
  targets: Target[]
}

export function toSummary(report: Report): Summary {
  const { machine, options } = report
  const works = [...report.works.keys()].map((work) => [
    work,
    Object.fromEntries(
      rowsOf(report, work).map(({ subject, rate, p50, p95, p99, cpuServerUs, cpuDatabaseUs, bytes, warmed }) => [
        subject,
        {
          rate: round(rate.median),
          p50: round(p50),
          p95: round(p95),
          p99: round(p99),
          cpuServerUs: round(cpuServerUs),
          cpuDatabaseUs: round(cpuDatabaseUs),
          bytes: round(bytes),
          ...(warmed === undefined ? {} : { warmedS: warmed.ms / 1000, isSteady: warmed.isSteady }),
        },
      ]),
    ),
  ])
  const size = { name: options.sizeName, ...options.size }
  return { machine, size, works: Object.fromEntries(works), targets: targetsOf(report) }
}

const round = (n: number): number => Number(n.toPrecision(4))
