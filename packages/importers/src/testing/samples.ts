/** Loads other people's files from the folder that TASKWIRE_SAMPLES names. They are not in this repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Format, FORMATS, type ImportInput } from '../types.ts'
import { input } from './fixtures.ts'

const root = resolve(import.meta.dirname, '../../../..')
const folder = resolve(root, process.env['TASKWIRE_SAMPLES'] ?? '../shared/samples')
const readme = join(folder, 'README.md')

// These files have several versions of some tasks, so they have fewer tasks than the README counts entries.
const FEWER_TASKS = new Map([
  ['taskwarrior/sync-backlog-lines.data', 4],
  ['icalendar/rfc2446-itip.ics', 1],
])

export interface Sample {
  /** `format/file` */
  name: string
  format: Format
  /** The number of tasks. */
  count: number
}

export const hasSamples = existsSync(readme)

/** Returns the samples in the table of the folder's README, whose rows are `| \`format/file\` | … | count |`. */
export function listSamples(): Sample[] {
  if (!hasSamples) return []
  const rows = readFileSync(readme, 'utf8').matchAll(/^\| `(\w+)\/(\S+)` \|.*\| (\d+) \|$/gmu)
  return [...rows].map(([, kind, file, count]) => {
    const format = FORMATS.find((each) => each === kind)
    if (!format) throw new Error(`The README of the samples names an unknown format: ${kind}`)
    const name = `${kind}/${file}`
    return { name, format, count: FEWER_TASKS.get(name) ?? Number(count) }
  })
}

/** Returns the names of all files in the folder, whether the README lists them or not. */
export function listSampleFiles(): string[] {
  return FORMATS.filter((format) => existsSync(join(folder, format))).flatMap((format) =>
    readdirSync(join(folder, format)).map((file) => `${format}/${file}`),
  )
}

export function loadSample(name: string): ImportInput {
  return input(readFileSync(join(folder, name), 'utf8'), name)
}
