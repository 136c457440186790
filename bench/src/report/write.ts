import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { toSummary } from './json.ts'
import type { Report } from './report.ts'
import { plotsOf } from './svg.ts'
import { toMarkdown } from './table.ts'

const asJson = (value: unknown): string =>
  `${JSON.stringify(value, (_key, part: unknown) => (part instanceof Map ? Object.fromEntries(part) : part), 2)}\n`

/** Writes table, plots and every round to a new directory in `results`, and returns its path. */
export function writeReport(report: Report, results: string): string {
  const directory = join(results, `${report.at.replace(/[:.]/g, '-')}-${report.options.sizeName}`)
  writeFiles(directory, {
    'report.md': toMarkdown(report, Object.keys(plotsOf(report))),
    ...plotsOf(report),
    'rounds.json': asJson(report),
  })
  return directory
}

export function writeSummary(report: Report, file: string): void {
  const path = resolve(file)
  writeFiles(dirname(path), { [basename(path)]: asJson(toSummary(report)) })
}

const INTRO = [
  'Written by `npm run -s bench -- --publish`. Subjects and method: [bench](../../bench/README.md). What it comes to: [performance](../performance.md).',
  'Tests also check the cost of the client in a front end: `published.test.ts` and `bundle.test.ts` in `packages/client/src`.',
]

/** Writes the page of a size, its plots and its medians in docs/performance. */
export function publish(report: Report, docs: string): void {
  const { sizeName } = report.options
  const plots = Object.fromEntries(Object.entries(plotsOf(report)).map(([name, svg]) => [`${sizeName}-${name}`, svg]))
  writeFiles(join(docs, 'performance'), {
    [`${sizeName}.md`]: toMarkdown(report, Object.keys(plots), INTRO),
    ...plots,
    [`${sizeName}.json`]: asJson(toSummary(report)),
  })
}

function writeFiles(directory: string, files: Record<string, string>): void {
  mkdirSync(directory, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content)
}
