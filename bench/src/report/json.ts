import { type Report, rowsOf } from './report.ts'

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
}

/** The file of `--json`: medians over the rounds. */
export interface Summary {
  machine: Report['machine']
  size: { name: string; users: number; tasks: number }
  works: Record<string, Record<string, Medians>>
}

export function toSummary(report: Report): Summary {
  const { machine, options } = report
  const works = [...report.works.keys()].map((work) => [
    work,
    Object.fromEntries(
      rowsOf(report, work).map(({ subject, rate, p50, p95, p99, cpuServerUs, cpuDatabaseUs }) => [
        subject,
        {
          rate: round(rate.median),
          p50: round(p50),
          p95: round(p95),
          p99: round(p99),
          cpuServerUs: round(cpuServerUs),
          cpuDatabaseUs: round(cpuDatabaseUs),
        },
      ]),
    ),
  ])
  return { machine, size: { name: options.sizeName, ...options.size }, works: Object.fromEntries(works) }
}

const round = (n: number): number => Number(n.toPrecision(4))
