import { targetsOf } from './targets.ts'
import { EXPLAINED } from '../works.ts'
import { busyWarning, machineInWords, type Report, type Row, rowsOf } from './report.ts'
import type { Spread } from './stats.ts'

/** Columns of a table; the first is aligned left. */
const HEADS = [
  '',
  'calls/s',
  'spread',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'CPU server µs',
  'CPU database µs',
  'round trips',
  'Taskwire is',
]

export const digits = (n: number): string =>
  n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toPrecision(n < 10 ? 2 : 3)

function spread({ median, min, max }: Spread): string {
  return median === 0 ? '' : `${signed(min / median - 1)} ${signed(max / median - 1)}`
}
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(Math.round(share * 100))}%`

function cells({
  subject,
  rate,
  p50,
  p95,
  p99,
  cpuServerUs,
  cpuDatabaseUs,
  trips,
  ratio,
  generatorBound,
  refused,
}: Row): string[] {
  return [
    subject,
    `${digits(rate.median)}${generatorBound ? ' *' : ''}${refused > 0 ? ` (${digits(100 * refused)}% refused)` : ''}`,
    spread(rate),
    digits(p50),
    digits(p95),
    digits(p99),
    cpuServerUs > 0 ? digits(cpuServerUs) : '–',
    cpuDatabaseUs > 0 ? digits(cpuDatabaseUs) : '–',
    trips === undefined || trips === null ? '–' : digits(trips).replace('.0', ''),
    ratio === undefined ? '' : `${ratio.median.toFixed(2)} × (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`,
  ]
}

/** Everything a reader has to know to judge the figures. */
export function conditions({ at, machine, options }: Report): string[] {
  const { size, sizeName, rounds, runMs, connections } = options
  return [
    ...(sizeName === 'smoke' ? ['A SMOKE RUN: whether everything works. Its figures mean nothing.'] : []),
    machineInWords(at, machine),
    `${size.users.toLocaleString('en-US')} users, ${size.tasks.toLocaleString('en-US')} tasks; ${connections} connections, pools of 20; ${rounds} rounds of ${runMs / 1000} s in turns; medians`,
    `Load generator, servers and database share the machine: ${machine.pinned}.`,
    ...busyWarning(machine),
  ]
}

const NOTES = [
  'Calls of floor and database trust their caller and check nothing; they write what Taskwire writes: task, head, Change and reply.',
  'Peers write the task alone: no Change, no reply kept for a repeat, no lock. nest has no row security, and no batch.',
  'page and the searches are asked by 4 at once, of the user with the most tasks.',
  '* the load generator was busy throughout: the subject may be faster.',
]

type Table = readonly (readonly string[])[]

/** The first row heads; the first column is aligned left. */
export function asText(table: Table): string {
  const widths = (table[0] ?? []).map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)))
  const pad = (cell: string, at: number): string =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)
  return table.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}
function asMarkdown([heads = [], ...rows]: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  return [line(heads), line(heads.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

const tableOf = (report: Report, work: string): Table => [HEADS, ...rowsOf(report, work).map(cells)]

export function toText(report: Report): string {
  return [
    ...conditions(report),
    ...sectionsOf(report).map(([title, table]) => `${title}\n${asText(table)}`),
    ...others(report),
    NOTES.join('\n'),
  ].join('\n\n')
}

export function toMarkdown(report: Report, plots: readonly string[], intro: readonly string[] = []): string {
  const [targets, ...sections] = sectionsOf(report).map(([title, table]) => `## ${title}\n\n${asMarkdown(table)}`)
  const parts = [
    '# How fast it is',
    ...intro,
    ...conditions(report),
    ...(targets === undefined ? [] : [targets]),
    ...plots.map((file) => `![](${file})`),
    ...sections,
    ...others(report),
    ...NOTES,
  ]
  return `${parts.join('\n\n')}\n`
}

/** Titles and tables. */
function sectionsOf(report: Report): [title: string, table: Table][] {
  return [
    ['Targets', targetTable(report)],
    ...[...report.works.keys()].map((work): [string, Table] => [
      `${work}: ${EXPLAINED[work] ?? ''}`,
      tableOf(report, work),
    ]),
    ...(report.sizes.length > 0 ? [['On disk', sizeTable(report)] satisfies [string, Table]] : []),
  ]
}

function targetTable(report: Report): Table {
  return [
    ['', 'target', 'measured', ''],
    ...targetsOf(report).map(({ what, target, measured, met }) => [what, target, measured, met ? 'met' : 'MISSED']),
  ]
}

const TERABYTE = 1e12

function sizeTable({ sizes, options: { size } }: Report): Table {
  const mib = (bytes: number): string => digits(bytes / 2 ** 20)
  const row = (name: string, rows: number, table: number, index: number): string[] => [
    name,
    Math.round(rows).toLocaleString('en-US'),
    mib(table),
    mib(index),
    digits((table + index) / size.tasks),
    Math.round((TERABYTE * size.tasks) / (table + index) / 1e6).toLocaleString('en-US'),
  ]
  const sum = (of: 'tableBytes' | 'indexBytes'): number => sizes.reduce((total, one) => total + one[of], 0)
  return [
    ['', 'rows', 'rows MiB', 'indexes MiB', 'bytes for each task', 'million tasks in 1 TB'],
    ...sizes.map(({ table, rows, tableBytes, indexBytes }) => row(table, rows, tableBytes, indexBytes)),
    row('all', size.tasks, sum('tableBytes'), sum('indexBytes')),
  ]
}

function others({ memory, steady }: Report): string[] {
  const held = [...memory].map(
    ([subject, { restMib, loadMib }]) => `${subject} ${digits(restMib)} and ${digits(loadMib)}`,
  )
  const broke = steady.at(-1)
  return [
    ...(held.length > 0 ? [`Memory in MiB, at rest and at most under load: ${held.join('; ')}.`] : []),
    ...steady.map(
      ({ asked, measured, broken }) =>
        `steady, ${asked} calls a second of mixed from 100 clients: p50 ${digits(measured.p50)} ms, p99 ${digits(measured.p99)} ms${broken === undefined ? '' : `; ${broken}`}`,
    ),
    ...steady.flatMap(({ memory = [] }) =>
      memory.length === 0 ? [] : [`Memory in MiB in each tenth of the first step: ${memory.map(digits).join(', ')}.`],
    ),
    ...(broke === undefined
      ? []
      : [
          broke.broken === undefined
            ? 'It did not break.'
            : `It breaks at ${broke.asked} calls a second: ${broke.broken}.`,
        ]),
  ]
}
