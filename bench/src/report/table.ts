import { targetsOf } from './targets.ts'
import { DESCRIPTIONS, FAR_DELAY_MS } from '../works.ts'
import { busyWarning, describeMachine, type Report, type Row, rowsOf } from './report.ts'
import type { Spread } from './stats.ts'

/** Column headings. The first column is aligned left. */
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
  'warmed s',
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
  warmed,
  ratio,
  isGeneratorLimited,
  refused,
}: Row): string[] {
  return [
    subject,
    `${digits(rate.median)}${isGeneratorLimited ? ' *' : ''}${refused > 0 ? ` (${digits(100 * refused)}% refused)` : ''}`,
    spread(rate),
    digits(p50),
    digits(p95),
    digits(p99),
    cpuServerUs > 0 ? digits(cpuServerUs) : '–',
    cpuDatabaseUs > 0 ? digits(cpuDatabaseUs) : '–',
    trips === undefined || trips === null ? '–' : digits(trips).replace('.0', ''),
    warmed === undefined ? '–' : `${warmed.ms / 1000}${warmed.isSteady ? '' : ' †'}`,
    ratio === undefined ? '' : `${ratio.median.toFixed(2)} × (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`,
  ]
}

/** The conditions of the run. */
export function conditions({ at, machine, options, conditions }: Report): string[] {
  const { size, sizeName, rounds, runMs, warmMs, warmLimitMs, connections, seed } = options
  const shortened = [...conditions]
    .filter(([, one]) => one.rounds < rounds)
    .map(([work, one]) => `${work} ${one.rounds}`)
  return [
    ...(sizeName === 'smoke' ? ['A SMOKE RUN, which only tests the benchmark. Its results mean nothing.'] : []),
    describeMachine(at, machine),
    `${size.users.toLocaleString('en-US')} users, ${size.tasks.toLocaleString('en-US')} tasks; ${connections} connections, pools of 20; ${rounds} alternating rounds of ${runMs / 1000} s; medians; seed ${seed}`,
    ...(shortened.length > 0
      ? [`For lack of time, some works were measured in fewer rounds: ${shortened.join(', ')}.`]
      : []),
    warmLimitMs > 0
      ? `Each subject was warmed before each work until its rate was steady (at most ${warmLimitMs / 1000} s), and for ${warmMs / 1000} s before each measurement.`
      : `Subjects were not warmed, except for ${warmMs / 1000} s before each measurement.`,
    `Load generator, servers and database share the machine: ${machine.pinned}.`,
    ...describeSteal(machine.steal, conditions),
    ...busyWarning(machine),
  ]
}

function describeSteal(steal: number | undefined, works: Report['conditions']): string[] {
  if (steal === undefined) return []
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`
  const [most] = [...works].toSorted(([, a], [, b]) => b.steal - a.steal)
  const worst = most === undefined ? '' : `; at most ${percent(most[1].steal)} during one work (${most[0]})`
  return [`Steal, the CPU time that the host gave to other machines: ${percent(steal)}${worst}.`]
}

const NOTES = [
  'fair-floor is floor with a session look-up, a log line and a counter.',
  `taskwire-list is the plain list of the users of varied; the replies to varied may be shorter. In far, each round trip to the database takes ${FAR_DELAY_MS} ms more, all of it on the way from the database to the service.`,
  'floor and database trust the caller and check nothing; they write the same rows as Taskwire: task, head, Change and reply.',
  'Peers write only the task: no Change, no stored reply, no lock. nest has no row-level security and no batch.',
  'page and the searches run over 4 connections, for the user with the most tasks.',
  '* the load generator was the limit: the subject may be faster. † the rate was not yet steady.',
]

type Table = readonly (readonly string[])[]

/** Formats a table whose first row is the heading. */
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
    ...formatMemoryAndSteady(report),
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
    ...formatMemoryAndSteady(report),
    ...NOTES,
  ]
  return `${parts.join('\n\n')}\n`
}

function sectionsOf(report: Report): [title: string, table: Table][] {
  return [
    ['Targets', targetTable(report)],
    ...[...report.works.keys()].map((work): [string, Table] => [
      `${work}: ${DESCRIPTIONS[work] ?? ''}`,
      tableOf(report, work),
    ]),
    ...(report.sizes.length > 0 ? [['On disk', sizeTable(report)] satisfies [string, Table]] : []),
  ]
}

function targetTable(report: Report): Table {
  return [
    ['', 'target', 'measured', ''],
    ...targetsOf(report).map(({ what, target, measured, met }) => [
      what,
      target,
      measured ?? '–',
      met === undefined ? 'not measured' : met ? 'met' : 'MISSED',
    ]),
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
    ['', 'rows', 'table MiB', 'indexes MiB', 'bytes per task', 'million tasks in 1 TB'],
    ...sizes.map(({ table, rows, tableBytes, indexBytes }) => row(table, rows, tableBytes, indexBytes)),
    row('all', size.tasks, sum('tableBytes'), sum('indexBytes')),
  ]
}

function formatMemoryAndSteady({ memory, steady }: Report): string[] {
  const memoryTexts = [...memory].map(
    ([subject, { restMib, loadMib }]) => `${subject} ${digits(restMib)} and ${digits(loadMib)}`,
  )
  const lastStep = steady.at(-1)
  return [
    ...(memoryTexts.length > 0 ? [`Memory in MiB, at rest and at peak: ${memoryTexts.join('; ')}.`] : []),
    ...steady.map(
      ({ targetRate, measured, broken }) =>
        `steady, ${targetRate} calls a second of mixed over 100 connections: p50 ${digits(measured.p50)} ms, p99 ${digits(measured.p99)} ms${broken === undefined ? '' : `; ${broken}`}`,
    ),
    ...steady.flatMap(({ memory = [] }) =>
      memory.length === 0 ? [] : [`Memory in MiB in each tenth of the first step: ${memory.map(digits).join(', ')}.`],
    ),
    ...(lastStep === undefined
      ? []
      : [
          lastStep.broken === undefined
            ? 'The service kept up at every rate.'
            : `The limit was reached at ${lastStep.targetRate} calls a second: ${lastStep.broken}.`,
        ]),
  ]
}
