/** Reads other people's files, which are not in this repository; testing/samples.ts says where they are. */
import { describe, expect, test } from 'vitest'
import { guessFormat, importers } from './formats.ts'
import { groupNotes } from './notes.ts'
import { hasSamples, listSampleFiles, listSamples, loadSample } from './testing/samples.ts'
import { FORMATS } from './types.ts'

const samples = listSamples()

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

describe.skipIf(!hasSamples)(
  `sample files${hasSamples ? '' : ' (skipped: no folder of samples; name one in TASKWIRE_SAMPLES)'}`,
  () => {
    test('the README lists every file', () => {
      const names = samples.map(({ name }) => name)
      expect(names.toSorted()).toEqual(listSampleFiles().toSorted())
    })

    test.each(samples)('$name is recognized as $format and has $count tasks', ({ name, format, count }) => {
      const file = loadSample(name)
      expect(guessFormat(file)).toBe(format)
      const { tasks } = importers[format](file)
      expect(tasks).toHaveLength(count)
      expect(new Set(tasks.map(({ id }) => id)).size).toBe(count)
      expect(importers[format](file)).toEqual(importers[format](file))
    })

    test('each format yields the expected number of notes of each kind', () => {
      const counts = FORMATS.map((format): [string, Record<string, number>] => {
        const files = samples.filter((sample) => sample.format === format)
        const groups = groupNotes(files.flatMap(({ name }) => importers[format](loadSample(name)).notes))
        return [format, Object.fromEntries(groups.map(({ loss, kind, notes }) => [`${loss} ${kind}`, notes.length]))]
      })
      expect(Object.fromEntries(counts)).toEqual(EXPECTED)
    })

    test.each(samples)('$name is refused by the importers of other formats', ({ name, format }) => {
      for (const other of FORMATS.filter((each) => each !== format)) {
        expect(() => importers[other](loadSample(name))).toThrow(
          expect.objectContaining({ name: 'NotThisFormat', format: other }),
        )
      }
    })
  },
)
