/** Reads other people's files, which the project does not hold: see TASKWIRE_SAMPLES. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { input } from './fixture.ts'
import { groupNotes } from './notes.ts'
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

const EXPECTED = {
  todotxt: {
    'lost title-cut': 1,
    'lost completion-date': 188,
    'lost creation-date': 328,
    'changed kept-as-words': 42,
    'changed status': 17,
    'changed priority': 1,
    'changed characters': 1,
    'info heading': 11,
  },
  icalendar: {
    'lost parent': 1,
    'lost recurrence': 11,
    'lost start-date': 27,
    'lost reminder': 3,
    'lost completion-date': 8,
    'lost creation-date': 1,
    'lost foreign-id': 18,
    'lost people': 8,
    'lost field': 7,
    'changed in-description': 31,
    'changed merged': 6,
    'changed due-time': 6,
    'changed status': 4,
    'changed priority': 2,
    'info floating': 12,
    'info untitled': 1,
    'info other-entry': 110,
    'info setting': 89,
    'info modified': 15,
  },
  todoist: { 'lost parent': 34, 'lost recurrence': 24, 'lost people': 1, 'changed section': 26 },
  taskwarrior: {
    'lost recurrence': 1,
    'lost start-date': 2,
    'lost completion-date': 2,
    'lost creation-date': 26,
    'lost foreign-id': 2,
    'lost relation': 11,
    'changed in-description': 5,
    'changed merged': 4,
    'info modified': 14,
  },
  googletasks: {
    'lost completion-date': 1,
    'lost creation-date': 6,
    'lost foreign-id': 6,
    'lost empty-list': 1,
    'changed status': 2,
    'info due-instant': 9,
    'info shared-id': 4,
    'info modified': 10,
  },
  json: {},
}

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

    test('what is lost, changed or only worth knowing, by kind', () => {
      const counts = FORMATS.map((format): [string, Record<string, number>] => {
        const files = listed().filter((sample) => sample.format === format)
        const notes = files.flatMap(({ name }) => importers[format](read(name)).notes)
        return [
          format,
          Object.fromEntries(groupNotes(notes).map((group) => [`${group.loss} ${group.kind}`, group.notes.length])),
        ]
      })
      expect(Object.fromEntries(counts)).toEqual(EXPECTED)
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
