/** Reads other people's files, which the project does not hold: see TASKWIRE_SAMPLES. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { input } from './fixture.ts'
import { FORMATS, guessFormat, importers } from './index.ts'
import type { Format, ImportInput } from './index.ts'

const root = resolve(import.meta.dirname, '../../../..')
const samples = resolve(root, process.env['TASKWIRE_SAMPLES'] ?? '../shared/samples')
const readme = join(samples, 'README.md')
const absent = !existsSync(readme)

// Several versions of a task in a file: fewer tasks than entries.
const FEWER = new Map([
  ['taskwarrior/sync-backlog-lines.data', 4],
  ['icalendar/rfc2446-itip.ics', 1],
])

interface Sample {
  name: string
  format: Format
  count: number
}

/** The rows `| \`kind/file\` | … | count |` of the README. */
function listed(): Sample[] {
  if (absent) return []
  const rows = readFileSync(readme, 'utf8').matchAll(/^\| `(\w+)\/(\S+)` \|.*\| (\d+) \|$/gmu)
  return [...rows].map(([, kind, file, count]) => {
    const format = FORMATS.find((each) => each === kind)
    if (!format) throw new Error(`the README names a format that is not known: ${kind}`)
    const name = `${kind}/${file}`
    return { name, format, count: FEWER.get(name) ?? Number(count) }
  })
}

function read(name: string): ImportInput {
  return input(readFileSync(join(samples, name), 'utf8'), name)
}

describe.skipIf(absent)(
  `sample files${absent ? ' (skipped: no folder of samples; name one in TASKWIRE_SAMPLES)' : ''}`,
  () => {
    test('the README lists every file', () => {
      const files = FORMATS.filter((format) => existsSync(join(samples, format))).flatMap((format) =>
        readdirSync(join(samples, format)).map((file) => `${format}/${file}`),
      )
      expect(
        listed()
          .map(({ name }) => name)
          .toSorted(),
      ).toEqual(files.toSorted())
    })

    test.each(listed())('$name is $format with $count tasks', ({ name, format, count }) => {
      const file = read(name)
      expect(guessFormat(file)).toBe(format)
      const { tasks } = importers[format](file)
      expect(tasks).toHaveLength(count)
      expect(new Set(tasks.map(({ id }) => id)).size).toBe(count)
      expect(importers[format](file)).toEqual(importers[format](file))
    })

    test.each(listed())('$name is read by no other importer by mistake', ({ name, format }) => {
      for (const other of FORMATS.filter((each) => each !== format)) {
        expect(() => importers[other](read(name))).toThrow(
          expect.objectContaining({ name: 'NotThisFormat', format: other }),
        )
      }
    })
  },
)
