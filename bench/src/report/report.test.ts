import { expect, it } from 'vitest'
import type { Measured } from '../load/job.ts'
import { readOptions } from '../options.ts'
import { toSummary } from './json.ts'
import { machineOf, type Report, rowsOf } from './report.ts'
import { median, quantile } from './stats.ts'
import { plotsOf } from './svg.ts'
import { targetsOf } from './targets.ts'
import { toMarkdown, toText } from './table.ts'

const measured = (rate: number): Measured => ({
  calls: rate,
  refused: 0,
  rate,
  p50: 1,
  p95: 1.5,
  p99: 2,
  max: 3,
  cpuServerUs: 100,
  cpuDatabaseUs: 50,
  bytes: 10,
  generatorLoad: 0.5,
})

function report(): Report {
  const options = readOptions(['--smoke'])
  if (options === 'help') throw new Error('no options')
  const rates = { floor: [1000, 2000, 3000], taskwire: [900, 1000, 2700] }
  const list = new Map(Object.entries(rates).map(([subject, rounds]) => [subject, rounds.map(measured)]))
  const works = new Map([['list', list]])
  return {
    at: '2026-01-01T00:00:00.000Z',
    machine: machineOf('18.4'),
    options,
    works,
    trips: new Map(),
    memory: new Map(),
    steady: [],
    sizes: [],
  }
}

it('takes ratios within each round, not of medians', () => {
  const floor = rowsOf(report(), 'list').find(({ subject }) => subject === 'floor')
  expect(floor?.ratio).toEqual({ median: 0.9, min: 0.5, max: 0.9 })
  expect(floor?.rate).toEqual({ median: 2000, min: 1000, max: 3000 })
})

it('writes medians in the format of --json', () => {
  expect(toSummary(report())).toMatchObject({
    machine: { postgres: '18.4' },
    size: { users: 50, tasks: 2000 },
    works: { list: { taskwire: { rate: 1000, p50: 1, p99: 2, cpuServerUs: 100, cpuDatabaseUs: 50 } } },
  })
})

it('lists the measured targets as met or missed, and omits the others', () => {
  const found = report()
  found.works.set('get', new Map(Object.entries({ floor: [measured(1000)], taskwire: [measured(590)] })))
  found.memory.set('taskwire', { restMib: 200, loadMib: 300 })
  found.works.set('growth-get', new Map(Object.entries({ few: [measured(9)], many: [{ ...measured(9), p50: 1.15 }] })))
  expect(targetsOf(found).map(({ what, measured: value, met }) => [what, value, met])).toEqual([
    ['list, relative to floor', '0.90', true],
    ['get, relative to floor', '0.59', false],
    ['p50 of get: many relative to few', '1.15', true],
    ['memory at rest', '200 MiB', false],
  ])
  expect(toText(found)).toMatch(/get, relative to floor +at least 0.6 +0.59 +MISSED/)
})

it('marks the results of a smoke run as meaningless everywhere', () => {
  const found = report()
  for (const text of [toText(found), toMarkdown(found, []), ...Object.values(plotsOf(found))])
    expect(text).toMatch(/mean(s)? nothing/)
})

it('computes medians and quantiles', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, 0])
  const hundred = Array.from({ length: 100 }, (_, n) => n)
  expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([], 0.5)]).toEqual([50, 99, 0])
})
