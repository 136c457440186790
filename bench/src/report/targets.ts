import { PEERS } from '../subjects/calls.ts'
import { FAR, FEW, SEARCHES, VARIED_LIST } from '../works.ts'
import { median } from './stats.ts'
import type { Report } from './report.ts'

/** A target and its result; without a result if this run has not measured it. */
export interface Target {
  what: string
  target: string
  measured?: string
  met?: boolean
}

type Figure = 'rate' | 'p50' | 'p95' | 'cpuDatabaseUs'

interface Results {
  /** The median of the ratios of two sides within each round. */
  ratio(work: string, one: string, other: string, of?: Figure): number | undefined
  median(work: string, side: string, of: Figure): number | undefined
}

function resultsOf({ works }: Report): Results {
  return {
    ratio(work, one, other, of = 'rate') {
      const rounds = works.get(work)
      const others = rounds?.get(other)
      const ratios = rounds?.get(one)?.flatMap((measured, n) => {
        const divisor = others?.[n]?.[of]
        return divisor === undefined || divisor === 0 ? [] : [measured[of] / divisor]
      })
      return ratios === undefined || ratios.length === 0 ? undefined : median(ratios)
    },
    median(work, side, of) {
      const rounds = works.get(work)?.get(side)
      return rounds === undefined ? undefined : median(rounds.map((measured) => measured[of]))
    },
  }
}

function target(
  what: string,
  text: string,
  found: number | undefined,
  isMet: (n: number) => boolean,
  unit = '',
): Target {
  if (found === undefined) return { what, target: text }
  const measured = unit === '' ? found.toFixed(2) : `${Number(found.toPrecision(3)).toLocaleString('en-US')} ${unit}`
  return { what, target: text, measured, met: isMet(found) }
}
const atLeast = (what: string, least: number, found: number | undefined): Target =>
  target(what, `at least ${least}`, found, (n) => n >= least)
const atMost = (what: string, most: number, found: number | undefined): Target =>
  target(what, `at most ${most}`, found, (n) => n <= most)
const above = (what: string, found: number | undefined): Target => target(what, 'above 1', found, (n) => n > 1)
const below = (what: string, most: number, unit: string, found: number | undefined): Target =>
  target(what, `below ${`${most.toLocaleString('en-US')} ${unit}`.trim()}`, found, (n) => n < most, unit)

/** Every target, with the results of this run. */
export function targetsOf(report: Report): Target[] {
  const results = resultsOf(report)
  return [
    ...callTargets(results),
    ...farTargets(report, results),
    ...SEARCHES.map((work) =>
      below(
        `${work}, p95 over ${Math.min(FEW, report.options.connections)} connections`,
        50,
        'ms',
        results.median(work, 'taskwire', 'p95'),
      ),
    ),
    ...growthTargets(report, results),
    ...processTargets(report, results),
  ]
}

function callTargets({ ratio }: Results): Target[] {
  const taskwire = (work: string, other: string): number | undefined => ratio(work, 'taskwire', other)
  return [
    ...['list', 'page'].flatMap((work) => [
      atLeast(`${work}, relative to floor`, 0.85, taskwire(work, 'floor')),
      atLeast(`${work}, relative to stock`, 2, taskwire(work, 'stock')),
    ]),
    atLeast('get, relative to fair-floor', 0.9, taskwire('get', 'fair-floor')),
    atLeast('get, relative to floor', 0.55, taskwire('get', 'floor')),
    ...PEERS.map((peer) => atLeast(`get, relative to ${peer}`, 2, taskwire('get', peer))),
    ...PEERS.map((peer) => above(`a call that does nothing, relative to ${peer}`, taskwire('handling', peer))),
    ...['get', 'list'].map((work) =>
      atMost(
        `CPU of the database for ${work}, relative to floor`,
        2,
        ratio(work, 'taskwire', 'floor', 'cpuDatabaseUs'),
      ),
    ),
    ...['create', 'update'].flatMap((work) => [
      atLeast(`${work}, relative to floor`, 0.65, taskwire(work, 'floor')),
      ...PEERS.map((peer) => above(`${work}, relative to ${peer}`, taskwire(work, peer))),
    ]),
    atLeast('varied, relative to the list of the same users', 0.8, taskwire('varied', VARIED_LIST)),
  ]
}

function farTargets({ works, trips }: Report, { ratio }: Results): Target[] {
  return FAR.flatMap((work) => {
    const count = works.has(`far-${work}`) ? trips.get('taskwire')?.[work] : undefined
    return [
      target(`far-${work}, round trips`, '1', count ?? undefined, (n) => n === 1),
      ...PEERS.map((peer) =>
        target(
          `far-${work}, p50 relative to ${peer}`,
          'below 1',
          ratio(`far-${work}`, 'taskwire', peer, 'p50'),
          (n) => n < 1,
        ),
      ),
    ]
  })
}

function growthTargets({ works }: Report, { ratio }: Results): Target[] {
  return ['get', 'list', 'page'].map((work) => {
    const sides = [...(works.get(`growth-${work}`)?.keys() ?? [])]
    const [few, many] = [sides[0] ?? 'few tasks', sides.at(-1) ?? 'many']
    return atMost(`p50 of ${work}, ${many} relative to ${few}`, 1.15, ratio(`growth-${work}`, many, few, 'p50'))
  })
}

function processTargets({ steady: [first], memory, client }: Report, results: Results): Target[] {
  const samples = first?.memory?.filter((mib) => mib > 0) ?? []
  const [, secondTenth = 0] = samples
  const growth = secondTenth > 0 ? (samples.at(-1) ?? 0) / secondTenth : undefined
  const rate = first === undefined ? '' : ` of ${first.targetRate} calls a second`
  return [
    below(`mixed at a fixed rate${rate}, p99 over 100 connections`, 50, 'ms', first?.measured.p99),
    atMost('memory in the last tenth of mixed at a fixed rate, relative to the second tenth', 1.1, growth),
    below('start with an existing embedded database', 1500, 'ms', results.median('start', 'taskwire-embedded', 'p50')),
    below('memory at rest', 200, 'MiB', memory.get('taskwire')?.restMib),
    below('the client in a browser’s bundle, after gzip', 15_000, 'bytes', client?.gzipped),
    below('type check of a page that uses the client', 2, 's', client?.page.total),
    below('type check of 100 procedures', 2, 's', client?.procedures.total),
  ]
}
