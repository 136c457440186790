import type { TaskContent } from '@taskwire/contract'

/** A value that a field refuses, and the path of the refusal below the field; '' is the field itself. */
export type Bad = readonly [value: unknown, below?: string]

const TEXT: Bad[] = [[5], [['a']], [{}], [true], ['a\0b'], ['\ud800'], ['a\udc00b']]
const LINE: Bad[] = [...TEXT, [''], ['  \u3000'], ['a\nb'], ['a\tb'], ['a\u2028b'], ['a\u0085b'], ['a\u007fb']]
export const ID: Bad[] = [
  [''],
  ['x'],
  [5],
  [{}],
  [[]],
  ['0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeee'],
  ['0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeeg'],
  ['{0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee}'],
  ['0190aaaabbbb7ccc8dddeeeeeeeeeeee'],
  [' 0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee'],
  ["0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee'; drop table tw.tasks"],
]
export const ZONE: Bad[] = [
  [''],
  ['AET'],
  ['IST'],
  ['Mars/Base'],
  ['+01:00'],
  ['Europe/Berlin '],
  ['Etc/../UTC'],
  ['UTC\0'],
  [5],
  [null],
]
const DATES = [
  '',
  '2026-02-30',
  '2025-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-1-1',
  '0000-01-01',
  '10000-01-01',
  '-001-01-01',
  '20260101',
  '2026-01-01T00:00:00Z',
  'tomorrow',
]
const TIMES = ['', '24:00', '9:00', '09:60', '09:00:00', '0900', '09:00Z', 'noon']

/** The fields that a draft and the changes of a task have in common. */
export const CONTENT: Record<keyof TaskContent, Bad[]> = {
  title: [...LINE, [null], ['x'.repeat(201)], ['\u{1f600}'.repeat(201)]],
  description: [...TEXT, ['x'.repeat(1001)]],
  complete: [[null], [1], ['true'], ['']],
  priority: [[null], [''], ['HIGH'], [3], [['high']]],
  tags: [
    [null],
    ['a'],
    [{}],
    [Array.from({ length: 11 }, (_, nr) => `${nr}`)],
    [Array.from({ length: 51 }, () => 'same')],
    [['x'.repeat(51)], '0'],
    [['a', null], '1'],
    ...LINE.map(([value]): Bad => [['a', value], '1']),
  ],
  due: [
    ['2026-01-01'],
    [{}, 'date'],
    [5],
    [{ date: null }, 'date'],
    ...DATES.map((date): Bad => [{ date }, 'date']),
    ...TIMES.map((time): Bad => [{ date: '2026-01-01', time, timeZone: 'UTC' }, 'time']),
    ...ZONE.map(([timeZone]): Bad => [{ date: '2026-01-01', time: '09:00', timeZone }, 'timeZone']),
    [{ date: '2026-01-01', time: '09:00' }],
    [{ date: '2026-01-01', timeZone: 'UTC' }],
    [{ date: '0001-01-01', time: '09:00', timeZone: 'UTC' }, 'date'],
    [{ date: '9999-12-31', time: '09:00', timeZone: 'UTC' }, 'date'],
    [{ date: '2026-01-01', repeat: 'daily' }, 'repeat'],
  ],
}

const UNKNOWN: Bad[] = [[1], [null], [{}]]
/** Fields that are only in replies, or do not exist. */
export const NO_FIELDS: Record<string, Bad[]> = Object.fromEntries(
  [
    'userId',
    'position',
    'revision',
    'createdAt',
    'updatedAt',
    'deletedAt',
    'completedAt',
    'dueAt',
    'x',
    '__proto__',
    'constructor',
  ].map((name) => [name, UNKNOWN]),
)

export const FILTER: Record<string, Bad[]> = {
  complete: [[null], ['true'], [0]],
  priority: [[[]], ['high'], [['high', 'HIGH'], '1'], [Array.from({ length: 51 }, () => 'high')]],
  tags: [
    [{}],
    [['a']],
    [{ all: ['a'], any: ['b'] }],
    [{ all: [] }, 'all'],
    [{ any: [''] }, 'any.0'],
    [{ any: ['a', 'b\0'] }, 'any.1'],
    [{ none: ['a'] }, 'none'],
  ],
  listId: [[[]], ['x'], [['x'], '0'], [5], [[5], '0']],
  due: [
    ['soon'],
    [{}],
    [null],
    [{ on: '2026-02-30' }, 'on'],
    [{ on: '2026-01-01T00:00:00Z' }, 'on'],
    [{ before: '2026-02-30' }, 'before'],
    [{ before: '2026-01-01T00:00:00' }, 'before'],
    [{ before: '2026-01-01T25:00:00Z' }, 'before'],
    [{ after: '0000-12-31T23:59:59Z' }, 'after'],
    [{ after: '9999-12-31T23:59:59-12:00' }, 'after'],
    [{ after: 5 }, 'after'],
    [{ before: '2026-01-01', between: 1 }],
  ],
  search: [['a\0'], ['a\nb'], ['\ud800'], ['x'.repeat(201)], ['a b c d e f g h i j k'], [5], [null]],
  trash: [[''], ['yes'], [true], [null]],
  and: UNKNOWN,
  or: UNKNOWN,
  not: UNKNOWN,
  title: UNKNOWN,
}
export const REVISION: Bad[] = [[-1], [1.5], ['1'], [null], [2 ** 53], [-0.1]]
