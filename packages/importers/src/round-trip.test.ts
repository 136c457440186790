import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantOf } from './dates.ts'
import { FIELD_NAMES } from './field-values.ts'
import { exporters, guessFormat, importers } from './formats.ts'
import { input } from './testing/fixtures.ts'
import { nameKey, length } from './text.ts'
import {
  type Due,
  type ExportedTask,
  type Fields,
  type Format,
  FORMATS,
  type ImportInput,
  PRIORITIES,
} from './types.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

// Titles that look like the syntax of a format.
const SYNTAX_LIKE = [
  'x (A) 2020-01-01 +p @c due:2020-01-01',
  '(A) 2020-01-01 x',
  'x 2020-01-01 2020-01-02 done',
  '2020-01-01 dated',
  '@only',
  '+only',
  'due:2020-01-01',
  'pri:A rec:1d t:2020-01-01 h:1',
  'taskwire-title:other taskwire-id:00000000-0000-4000-8000-000000000000',
  '"+p" "due:2020-01-01"',
  'a  b   c',
  'She said "no", twice; C:\\new\\table, ok\\',
  'BEGIN:VTODO',
  'END:VCALENDAR',
  ' :folded',
  '=1+1',
  "'quoted'",
  '{"title":"JSON"}',
  'TYPE,CONTENT',
  '# heading',
  '👩‍👩‍👧‍👦 and 🇫🇷 and e\u0301',
  'שלום עולם',
  '%41%00 100%',
  'null',
  '\u200B',
  'call @bob about it @home',
]

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Array.from('abcXYZ 019,;:"\\\'+@#=()[]{}%/-_.\u00A0éß')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
)

function line(limit: number): fc.Arbitrary<string> {
  const any = fc.oneof(
    fc.constantFrom(...SYNTAX_LIKE),
    fc.array(character, { maxLength: limit }).map((parts) => parts.join('')),
  )
  return any
    .map((text) =>
      text
        .toWellFormed()
        .replace(/[\p{Cc}\u2028\u2029]/gu, '')
        .normalize('NFC')
        .trim(),
    )
    .map((text) => Array.from(text).slice(0, limit).join('').trim())
    .filter((text) => text !== '' && length(text.normalize('NFC')) <= limit)
}

const description = fc.oneof(
  fc.constantFrom(null, '', ' ', 'null', 'a\r\nb\rc\n', '\t\u0001\u0085\u2028\uFEFFend', 'Ünïcode\n\nx'),
  fc
    .array(fc.oneof(character, fc.constantFrom('\n', '\r\n', '\t', ...SYNTAX_LIKE)), { maxLength: 60 })
    .map((parts) => Array.from(parts.join('').toWellFormed().replaceAll('\0', '').normalize('NFC')))
    .map((characters) => characters.slice(0, 1000).join('')),
)

const date = fc
  .date({ min: new Date('0001-01-03T00:00:00Z'), max: new Date('9999-12-29T00:00:00Z'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10))
const timeZone = fc.constantFrom('UTC', 'US/Eastern', 'Etc/GMT+5', ...Intl.supportedValuesOf('timeZone'))
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
const due: fc.Arbitrary<Due> = fc.oneof(fc.constant(null), fc.record({ date }), fc.record({ date, time, timeZone }))

const instant = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((moment) => moment.toISOString())

const tags = fc.uniqueArray(line(50), { maxLength: 10, selector: nameKey })

const task: fc.Arbitrary<ExportedTask> = fc
  .record({
    id: fc.uuid(),
    title: line(200),
    description,
    complete: fc.boolean(),
    priority: fc.constantFrom(...PRIORITIES),
    tags,
    due,
    listName: fc.option(fc.oneof(line(100), fc.constantFrom('Work', 'Inbox', 'with blanks'))),
    createdAt: instant,
    updatedAt: instant,
    deletedAt: fc.option(instant),
  })
  .map((fields) => ({
    ...fields,
    listId: fields.listName === null ? null : '0198c0de-0000-7000-8000-000000000001',
    completedAt: fields.complete ? fields.updatedAt : null,
    dueAt: fields.due === null ? null : instantOf(fields.due).toISOString(),
    position: 'a0',
    revision: 1,
  }))

const tasks = fc.uniqueArray(task, { maxLength: 5, selector: ({ id }) => id })

type Kept = Fields & { id: string }

/** The fields that must be restored, sorted by id, because some formats order tasks by list. */
function keptOf(items: Kept[]): object[] {
  return items
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((item) => Object.fromEntries(['id' as const, ...FIELD_NAMES].map((name) => [name, item[name]])))
}

// An export is written in the zone `from` and read in the zone `to`.
const zones = fc.record({ from: timeZone, to: timeZone })

function written(format: Format, exported: ExportedTask[], { from, to } = { from: 'UTC', to: 'UTC' }): ImportInput {
  return { ...input(exporters[format](exported, { timeZone: from }), 'Some name.bin'), timeZone: to }
}

describe.each(FORMATS)('%s', (format) => {
  test('every exported task is restored', () => {
    fc.assert(
      fc.property(tasks, zones, (exported, between) => {
        const { tasks: imported } = importers[format](written(format, exported, between))
        const expected = exported.map((each) => ({ ...each, list: each.listName === 'Inbox' ? null : each.listName }))
        expect(keptOf(imported)).toEqual(keptOf(expected))
      }),
      { numRuns: 50 },
    )
  }, 60_000)

  test('importing an export notes only times and the trash', () => {
    fc.assert(
      fc.property(tasks, zones, (exported, between) => {
        const { notes } = importers[format](written(format, exported, between))
        const expected = ['creation-date', 'completion-date', 'modified', 'trash']
        expect(notes.filter(({ kind }) => !expected.includes(kind))).toEqual([])
      }),
    )
  }, 60_000)

  test('an export is recognized under any name', () => {
    fc.assert(
      fc.property(tasks, (exported) => {
        fc.pre(exported.length > 0)
        const fileName = format === 'todotxt' ? 'todo.txt' : 'Some name'
        expect(guessFormat({ ...written(format, exported), fileName })).toBe(format)
      }),
    )
  })

  test('the same tasks yield the same text', () => {
    fc.assert(
      fc.property(tasks, (exported) => {
        expect(written(format, exported)).toEqual(written(format, structuredClone(exported)))
      }),
      { numRuns: 20 },
    )
  })
})
