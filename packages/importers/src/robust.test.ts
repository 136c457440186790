import { type Field, TASK_FIELDS } from '@taskwire/contract/fields'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { input, listFixtures, load } from './testing/fixtures.ts'
import { isDue } from './field-values.ts'
import { guessFormat, importers } from './formats.ts'
import { nameKey, length } from './text.ts'
import { type Format, FORMATS, type Imported, LIMITS, NotThisFormat, type TaskDraft } from './types.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

const PIECES: Record<Format, string[]> = {
  todotxt: ['x ', '(A) ', '2026-01-01 ', '+p ', '@c ', 'due:2026-01-01 ', 'taskwire-tags:%5B ', 'rec:1d ', '%'],
  icalendar: [
    'BEGIN:VCALENDAR\n',
    'END:VCALENDAR\n',
    'BEGIN:VTODO\n',
    'END:VTODO\n',
    'BEGIN:VTIMEZONE\n',
    'TZID:X\n',
    'BEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:FREQ=YEARLY\nTZOFFSETFROM:+0100\nTZOFFSETTO:0200\nEND:STANDARD\n',
    'DUE;TZID=X:20260101T000000\n',
    'SUMMARY',
    ';LANGUAGE="',
    'CATEGORIES:a\\,b,c\\\\,\n',
    'X-TASKWIRE-DUE:',
    '{"date"',
    ';ENCODING=QUOTED-PRINTABLE',
    ';DELEGATED-FROM="a","b',
    '=3D=\n',
    'DURATION:P1D\n',
    'DTSTART:20260101\n',
    '\n ',
  ],
  todoist: ['TYPE,CONTENT,TASKWIRE\n', 'task,', 'note,', 'section,', '"', ',', '\n', '"{""id"":1}"', '@l '],
  taskwarrior: ['[', ']', '{', '}', '"description":"a"', '"uuid":"b"', '"tags":[', ',', '"annotations":[{', '\\', '"'],
  googletasks: [
    '{"kind":"tasks#tasks","items":[',
    '{',
    '}',
    ']',
    '"title":1',
    '"due":"2026"',
    ',',
    '"taskwire":{',
    '"',
  ],
  json: ['{"tasks":[', '{', '}', ']', '"title":"a"', '"due":{"date":', ',', '"tags":[null', '"'],
}

function run(format: Format, text: string): Imported | null {
  try {
    return importers[format](input(text, 'any.txt'))
  } catch (error) {
    if (error instanceof NotThisFormat) return null
    throw error
  }
}

const oneLine = /^[^\p{Cc}\u2028\u2029]+$/u

function expectValidText(value: unknown, { kind, max }: { kind: 'line' | 'text'; max: number }): void {
  const text = String(value)
  expect(value).toBe(text)
  expect(text).toBe(text.normalize('NFC'))
  expect(text.isWellFormed() && !text.includes('\0')).toBe(true)
  expect(length(text)).toBeLessThanOrEqual(max)
  if (kind === 'text') return
  expect(text).toMatch(oneLine)
  expect(text).toBe(text.trim())
}

function expectValid(task: TaskDraft): void {
  expect(task.id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u)
  for (const [text, limit] of [
    ...task.tags.map((tag): [string, number] => [tag, LIMITS.tag]),
    [task.list ?? 'inbox', LIMITS.list],
  ] satisfies [string, number][])
    expectValidText(text, { kind: 'line', max: limit })
  for (const [name, field] of Object.entries<Field>(TASK_FIELDS)) {
    const value: unknown = Reflect.get(task, name)
    if ('max' in field && !(field.nullable && value === null)) expectValidText(value, field)
  }
  expect(new Set(task.tags.map(nameKey)).size).toBe(task.tags.length)
  expect(task.tags.length).toBeLessThanOrEqual(LIMITS.tags)
  expect(isDue(task.due)).toBe(true)
}

function expectSound(format: Format, text: string): void {
  const imported = run(format, text)
  for (const task of imported?.tasks ?? []) expectValid(task)
  for (const note of imported?.notes ?? []) expect(note.detail).toMatch(oneLine)
  expect(new Set(imported?.tasks.map(({ id }) => id)).size).toBe(imported?.tasks.length ?? 0)
}

describe.each(FORMATS)('%s', (format) => {
  const any = fc.string({ unit: 'binary' })

  test('any text is either read or refused with NotThisFormat', () => {
    const pieces = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PIECES[format]) }, any)
    const text = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (each) => {
        guessFormat(input(each, 'any'))
        expectSound(format, each)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('damaged files yield valid tasks', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...listFixtures(format)), fc.nat(), fc.nat({ max: 40 }), any)
      .map(([path, at, count, put]) => {
        const { text } = load(path)
        const start = at % (text.length + 1)
        return text.slice(0, start) + put + text.slice(start + count)
      })
    fc.assert(
      fc.property(damaged, (text) => expectSound(format, text)),
      { numRuns: 50 },
    )
  }, 60_000)

  test.each([
    ['nesting', '['.repeat(100_000)],
    ['objects', '{"a":'.repeat(100_000)],
    ['components', 'BEGIN:X\n'.repeat(50_000)],
    ['tasks in tasks', `BEGIN:VCALENDAR\n${'BEGIN:VTODO\n'.repeat(5_000)}`],
    ['labels', `TYPE,CONTENT\ntask,${'@a '.repeat(50_000)}b`],
    ['words', 'due:x +p @c '.repeat(50_000)],
    ['categories', `BEGIN:VTODO\nCATEGORIES:${'a\\,b,'.repeat(100_000)}\nEND:VTODO`],
    // With these texts, code that takes quadratic time would take minutes.
    ['open braces', '{\n'.repeat(80_000)],
    ['combining marks', `a${'\u0300\u0316'.repeat(300_000)}`],
    ['folds', `BEGIN:VTODO\nSUMMARY:a\n${' b\n'.repeat(200_000)}END:VTODO`],
    ['remarks', `BEGIN:VTODO\n${'COMMENT:a\n'.repeat(130_000)}END:VTODO`],
    ['comments', `TYPE,CONTENT,X\ntask,a,\n${'note,a,b\n'.repeat(40_000)}`],
    ['members', `{"title":"a",${Array.from({ length: 20_000 }, (_, index) => `"m${index}":1`).join()}}`],
    ['text', `{"title":"${'a'.repeat(500_000)}","uuid":"u"}`],
  ])(
    'many %s are read in time',
    (_, text) => {
      const imported = run(format, text)
      for (const task of imported?.tasks.slice(0, 20) ?? []) expectValid(task)
    },
    20_000,
  )
})

test('the format of every fixture is recognized', () => {
  const wrong = FORMATS.flatMap((format) => listFixtures(format).filter((path) => guessFormat(load(path)) !== format))
  expect(wrong).toEqual([])
})
