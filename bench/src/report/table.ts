import { EXPLAINED } from '../works.ts'
import { type Report, type Row, rowsOf } from './report.ts'
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

const digits = (n: number): string => (n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toPrecision(n < 10 ? 2 : 3))

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
    `${at}; ${machine.cores} cores, ${machine.system}; Node ${machine.node}; PostgreSQL ${machine.postgres}`,
    `${size.users.toLocaleString('en-US')} users, ${size.tasks.toLocaleString('en-US')} tasks; ${connections} connections, pools of 20; ${rounds} rounds of ${runMs / 1000} s in turns; medians`,
    `Load generator, servers and database share the machine: ${machine.pinned}.`,
    ...(machine.loadBefore > machine.cores / 2
      ? [
          `THE MACHINE WAS BUSY with other things before the run began (load ${machine.loadBefore}): repeat it on a quiet one.`,
        ]
      : []),
  ]
}

const NOTES = [
  'Calls of floor and database trust their caller and check nothing; they write what Taskwire writes: task, head, Change and reply.',
  'Peers write the task alone: no Change, no reply kept for a repeat, no lock. nest has no row security, and no batch.',
  'page and the searches are asked by 4 at once, of the user with the most tasks.',
  '* the load generator was busy throughout: the subject may be faster.',
]

export function toText(report: Report): string {
  const blocks = [...report.works.keys()].map((work) => {
    const rows = [HEADS, ...rowsOf(report, work).map(cells)]
    const widths = HEADS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
    const lines = rows.map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    return [`${work}: ${explained(work)}`, ...lines].join('\n')
  })
  return [...conditions(report), '', ...blocks.flatMap((block) => [block, '']), ...others(report), '', ...NOTES].join(
    '\n',
  )
}

export function toMarkdown(report: Report, plots: readonly string[], intro: readonly string[] = []): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  const align = line(HEADS.map((_, at) => (at === 0 ? '---' : '---:')))
  const blocks = [...report.works.keys()].flatMap((work) => [
    `## ${work}: ${explained(work)}`,
    '',
    line(HEADS),
    align,
    ...rowsOf(report, work).map((row) => line(cells(row))),
    '',
  ])
  return [
    '# How fast it is',
    '',
    ...intro,
    ...conditions(report).map((text) => `${text}\n`),
    ...plots.map((file) => `![](${file})\n`),
    ...blocks,
    ...others(report).map((text) => `${text}\n`),
    ...NOTES.map((text) => `${text}\n`),
  ].join('\n')
}

const explained = (work: string): string => EXPLAINED[work as keyof typeof EXPLAINED]

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
    ...(broke === undefined
      ? []
      : [
          broke.broken === undefined
            ? 'It did not break.'
            : `It breaks at ${broke.asked} calls a second: ${broke.broken}.`,
        ]),
  ]
}
