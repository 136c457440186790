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
    conditions: new Map([
      [
        'list',
        {
          rounds: 3,
          steal: 0.02,
          warmed: new Map([
            ['floor', { ms: 4000, isSteady: true }],
            ['taskwire', { ms: 20_000, isSteady: false }],
          ]),
        },
      ],
    ]),
    trips: new Map(),
    memory: new Map(),
    steady: [],
    sizes: [],
  }
}

it('takes ratios within each round, not ratios of medians', () => {
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

it('lists every target as met, missed or not measured', () => {
  const found = report()
  found.works.set('get', new Map(Object.entries({ floor: [measured(1000)], taskwire: [measured(549)] })))
  found.works.set('far-get', new Map(Object.entries({ nest: [{ ...measured(9), p50: 2 }], taskwire: [measured(9)] })))
  found.trips.set('taskwire', { get: 1 })
  found.memory.set('taskwire', { restMib: 200, loadMib: 300 })
  found.works.set('growth-get', new Map(Object.entries({ few: [measured(9)], many: [{ ...measured(9), p50: 1.15 }] })))
  const targets = targetsOf(found)
  expect(targets.flatMap(({ what, measured: value, met }) => (met === undefined ? [] : [[what, value, met]]))).toEqual([
    ['list, relative to floor', '0.90', true],
    ['get, relative to floor', '0.55', false],
    ['CPU of the database for get, relative to floor', '1.00', true],
    ['CPU of the database for list, relative to floor', '1.00', true],
    ['far-get, round trips', '1.00', true],
    ['far-get, p50 relative to nest', '0.50', true],
    ['p50 of get, many relative to few', '1.15', true],
    ['memory at rest', '200 MiB', false],
  ])
  expect(targets).toContainEqual({ what: 'get, relative to fair-floor', target: 'at least 0.9' })
  expect(toText(found)).toMatch(/get, relative to floor +at least 0.55 +0.55 +MISSED/)
  expect(toText(found)).toMatch(/get, relative to fair-floor +at least 0.9 +– +not measured/)
})

it('reports warm-ups, rates that were not steady, and steal', () => {
  const found = { ...report(), machine: { ...machineOf('18.4'), steal: 0.01 } }
  const text = toText(found)
  expect(text).toMatch(/floor .* 4 .*\n/)
  expect(text).toMatch(/taskwire .* 20 †/)
  expect(text).toContain('gave to other machines: 1.0%; at most 2.0% during one work (list)')
  expect(toSummary(found)).toMatchObject({
    machine: { steal: 0.01 },
    works: { list: { taskwire: { warmedS: 20, isSteady: false }, floor: { warmedS: 4, isSteady: true } } },
    targets: expect.arrayContaining([
      expect.objectContaining({ what: 'list, relative to floor', met: true }),
    ]) as unknown,
  })
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
