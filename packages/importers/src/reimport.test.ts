/** Checks that tasks stay the same when they are read from a file, written in any format and read again. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ACCOUNT, input, listFixtures, load, storedDraft } from './testing/fixtures.ts'
import { exporters, importers } from './formats.ts'
import { type Format, FORMATS, type ImportInput, NotThisFormat, type TaskDraft } from './types.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

function read(format: Format, file: ImportInput): TaskDraft[] {
  try {
    return importers[format](file).tasks
  } catch (error) {
    if (error instanceof NotThisFormat) return []
    throw error
  }
}

/** Sorted by id, because some formats order tasks by list. */
function byId(tasks: TaskDraft[]): object[] {
  return tasks.map((task) => ({ ...task, source: null })).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

describe.each(FORMATS.map((format) => [format] as const))('%s', (format) => {
  test.each(FORMATS.map((other) => [other] as const))('its tasks survive export to %s', (other) => {
    for (const path of listFixtures(format).filter((each) => !each.endsWith('pending.data'))) {
      const tasks = importers[format](load(path)).tasks
      const again = importers[other](input(exporters[other](tasks.map(storedDraft), ACCOUNT), 'other.file'))
      expect(byId(again.tasks)).toEqual(byId(tasks))
    }
  })

  test('the tasks of a damaged file survive export to any format', () => {
    const damage = fc.tuple(fc.nat(), fc.nat({ max: 40 }), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(
        fc.constantFrom(...listFixtures(format)),
        damage,
        fc.constantFrom(...FORMATS),
        (path, harm, other) => {
          const { text } = load(path)
          const [at, count, put] = harm
          const start = at % (text.length + 1)
          const tasks = read(format, input(text.slice(0, start) + put + text.slice(start + count)))
          const again = read(other, input(exporters[other](tasks.map(storedDraft), ACCOUNT), 'other.file'))
          expect(byId(again)).toEqual(byId(tasks))
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)
})

describe('a list named inbox is the inbox', () => {
  test.each<[Format, string, string]>([
    ['todotxt', 'todo.txt', 'Mow +inbox\n'],
    ['icalendar', 'a.ics', 'BEGIN:VCALENDAR\nX-WR-CALNAME:INBOX\nBEGIN:VTODO\nSUMMARY:Mow\nEND:VTODO\nEND:VCALENDAR'],
    ['todoist', 'inbox.csv', 'TYPE,CONTENT\ntask,Mow\n'],
    ['taskwarrior', 'a.json', '[{"uuid":"a","description":"Mow","project":"Inbox"}]'],
    ['googletasks', 'a.json', '{"kind":"tasks#tasks","title":" Inbox ","items":[{"title":"Mow"}]}'],
    ['json', 'a.json', '{"tasks":[{"title":"Mow","listName":"inbox"}]}'],
  ])('%s', (format, fileName, text) => {
    expect(importers[format](input(text, fileName)).tasks).toMatchObject([{ title: 'Mow', list: null }])
  })
})

describe('only the invalid character is removed', () => {
  test.each<[Format, string]>([
    ['todotxt', 'Buy\0 milk\nMow\n'],
    ['icalendar', 'BEGIN:VTODO\nSUMMARY:Buy\0 milk\nEND:VTODO\nBEGIN:VTODO\nSUMMARY:Mow\nEND:VTODO'],
    ['todoist', 'TYPE,CONTENT\ntask,Buy\0 milk\ntask,Mow\n'],
    ['taskwarrior', '[{"uuid":"a","description":"Buy\0 milk"},{"uuid":"b","description":"Mow"}]'],
    ['googletasks', '{"kind":"tasks#tasks","items":[{"title":"Buy\0 milk"},{"title":"Mow"}]}'],
    ['json', '{"tasks":[{"title":"Buy\0 milk"},{"title":"Mow"}]}'],
    ['json', '{"tasks":[{"title":"Buy\\u0000 \\ud800milk"},{"title":"Mow"}]}'],
  ])('%s', (format, text) => {
    const { tasks, notes } = importers[format](input(text))
    expect(tasks.map(({ title }) => title.replaceAll(/ +/gu, ' '))).toEqual(['Buy milk', 'Mow'])
    expect(notes.filter(({ kind }) => kind === 'characters')).toHaveLength(1)
  })
})
