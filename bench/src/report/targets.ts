import { FEW } from '../works.ts'
import { median } from './stats.ts'
import type { Report } from './report.ts'

/** A target that was set before the service was written, and its result. */
export interface Target {
  what: string
  target: string
  measured: string
  met: boolean
}

const PEERS = ['stock', 'postgraphile', 'nest']

/** The targets that this run has measured. */
export function targetsOf(report: Report): Target[] {
  const { works, memory, steady, trips, client } = report
  /** The ratio of two sides: the median of the ratios within each round. */
  function ratio(work: string, one: string, other: string, of: 'rate' | 'p50' = 'rate'): number | undefined {
    const rounds = works.get(work)
    const others = rounds?.get(other)
    const ratios = rounds?.get(one)?.flatMap((measured, n) => {
      const divisor = others?.[n]?.[of]
      return divisor === undefined || divisor === 0 ? [] : [measured[of] / divisor]
    })
    return ratios === undefined || ratios.length === 0 ? undefined : median(ratios)
  }
  const targets: Target[] = []
  const add = (what: string, target: string, measured: string, met: boolean): void =>
    void targets.push({ what, target, measured, met })
  const atLeast = (what: string, target: number, found: number | undefined): void => {
    if (found !== undefined) add(what, `at least ${target}`, found.toFixed(2), found >= target)
  }
  const below = (what: string, target: number, unit: string, found: number | undefined): void => {
    if (found !== undefined) {
      const withUnit = (value: number): string => `${value.toLocaleString('en-US')} ${unit}`.trim()
      add(what, `below ${withUnit(target)}`, withUnit(Number(found.toPrecision(3))), found < target)
    }
  }
  const p = (work: string, subject: string, of: 'p50' | 'p95'): number | undefined => {
    const rounds = works.get(work)?.get(subject)
    return rounds === undefined ? undefined : median(rounds.map((measured) => measured[of]))
  }

  atLeast('list, relative to floor', 0.8, ratio('list', 'taskwire', 'floor'))
  atLeast('get, relative to floor', 0.6, ratio('get', 'taskwire', 'floor'))
  atLeast('a call that does nothing, relative to the official adapter', 3, ratio('adapters', 'plain', 'official'))
  for (const work of ['create', 'update'] as const) {
    atLeast(`${work}, relative to the database alone`, 0.5, ratio(work, 'taskwire', 'database'))
    const count = trips.get('taskwire')?.[work]
    if (count != null) add(`${work}, round trips`, '1', String(count), count === 1)
  }
  for (const peer of PEERS) {
    const all = [...works.keys()].flatMap((work) => {
      const found = ratio(work, 'taskwire', peer)
      return found === undefined || work === 'start' ? [] : [[work, found] as const]
    })
    const slower = all.filter(([, found]) => found <= 1).map(([work, found]) => `${work} ${found.toFixed(2)}`)
    if (all.length > 0)
      add(
        `every work, relative to ${peer}`,
        'above 1',
        slower.length === 0 ? 'all' : `all but ${slower.join(', ')}`,
        slower.length === 0,
      )
  }
  atLeast('list, relative to stock', 2, ratio('list', 'taskwire', 'stock'))
  for (const [work, what] of [
    ['growth-get', 'p50 of get'],
    ['growth-list', 'p50 of list'],
    ['growth-page', 'p50 of page'],
  ] as const) {
    const sides = [...(works.get(work)?.keys() ?? [])]
    const [few, many] = [sides[0] ?? '', sides.at(-1) ?? '']
    const found = ratio(work, many, few, 'p50')
    if (found !== undefined) add(`${what}: ${many} relative to ${few}`, 'at most 1.15', found.toFixed(2), found <= 1.15)
  }
  for (const work of ['search', 'search-cyrillic', 'search-chinese'])
    below(
      `p95 of ${work}, ${Math.min(FEW, report.options.connections)} connections`,
      50,
      'ms',
      p(work, 'taskwire', 'p95'),
    )
  const [first] = steady
  if (first !== undefined) below(`p99 of mixed at ${first.targetRate} calls a second`, 50, 'ms', first.measured.p99)
  const samples = first?.memory?.filter((mib) => mib > 0) ?? []
  const [, secondTenth = 0] = samples
  if (secondTenth > 0) {
    const growth = (samples.at(-1) ?? 0) / secondTenth
    add('memory in the last tenth of that, relative to the second', 'at most 1.1', growth.toFixed(2), growth <= 1.1)
  }
  below('start with an existing embedded database', 2000, 'ms', p('start', 'taskwire-embedded', 'p50'))
  below('memory at rest', 200, 'MiB', memory.get('taskwire')?.restMib)
  below('type check of a page that uses the client', 2, 's', client?.page.total)
  below('type check of 100 procedures', 2, 's', client?.procedures.total)
  below('type instantiations of 100 procedures', 300_000, '', client?.procedures.instantiations)
  below('the client in a browser’s bundle, after gzip', 15_000, 'bytes', client?.gzipped)
  return targets
}
