import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { PRIORITIES } from './fields.ts'
import { LIMITS } from './limits.ts'
import {
  taskChanges,
  taskComplete,
  taskCreate,
  taskCreateMany,
  taskGet,
  taskMove,
  taskReference,
  taskUpdate,
} from './task.ts'
import { SORTS, taskBulk, taskCount, taskFilter, taskList } from './task-filter.ts'

const ID = '0190b1a0-0000-7000-8000-00000000000f'
const OTHER = '0190b1a0-0000-7000-8000-000000000010'

/** Each issue as `path: message`. */
function issuesOf(schema: z.ZodType, value: unknown): string[] | 'valid' {
  const { error } = schema.safeParse(value)
  return error === undefined ? 'valid' : error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}
const messageOf = (schema: z.ZodType, value: unknown): string => [issuesOf(schema, value)].flat().join(' | ')

describe('an input of tasks.create', () => {
  test('needs only a title, and gets no defaults', () => {
    expect(taskCreate.parse({ title: ' Buy milk ' })).toEqual({ title: 'Buy milk' })
    const full = {
      id: ID,
      title: 'x',
      description: null,
      listId: null,
      complete: true,
      priority: 'urgent',
      tags: ['a'],
      after: null,
      mutationId: ID,
      due: { date: '2026-11-22', time: '09:30', timeZone: 'Europe/Berlin' },
    }
    expect(taskCreate.parse(full)).toEqual(full)
    expect(
      taskCreate.parse({ title: 'x', due: null, description: '', listId: OTHER.toUpperCase(), after: OTHER }),
    ).toEqual({ title: 'x', due: null, description: '', listId: OTHER, after: OTHER })
  })

  test.each([
    [{}, 'title: is missing'],
    [{ title: null }, 'title: is not a string'],
    [{ title: ' ' }, 'title: is empty; give at least one character that is not a blank'],
    [{ title: 'x'.repeat(LIMITS.title + 1) }, 'title: is longer than 200 characters; shorten it'],
    [
      { title: 'x', description: 'x'.repeat(LIMITS.description + 1) },
      'description: is longer than 1000 characters; shorten it',
    ],
    [{ title: 'x', id: null }, 'id: is not a UUID'],
    [{ title: 'x', listId: 'inbox' }, 'listId: is not a UUID'],
    [{ title: 'x', after: 1 }, 'after: is not a UUID'],
    [{ title: 'x', mutationId: '' }, 'mutationId: is not a UUID'],
    [{ title: 'x', priority: 'top' }, 'priority: is not one of none, low, medium, high, urgent'],
    [{ title: 'x', priority: 4 }, 'priority: is not one of none, low, medium, high, urgent'],
    [{ title: 'x', complete: 1 }, 'complete: Invalid input: expected boolean, received number'],
    [{ title: 'x', tags: ['a', 'b\n\nc'] }, 'tags.1: holds a control character or a line break; remove it'],
    [{ title: 'x', tags: ['x'.repeat(LIMITS.tag + 1)] }, 'tags.0: is longer than 50 characters; shorten it'],
    [{ title: 'x', tags: Array.from({ length: 11 }, (_, i) => `${i}`) }, 'tags: holds more than 10 tags'],
    [{ title: 'x', tags: Array.from({ length: 51 }, () => 'a') }, 'tags: holds more than 50 tags'],
    [{ title: 'x', tags: null }, 'tags: Invalid input: expected array, received null'],
    [{ title: 'x', userId: ID }, ': Unrecognized key: "userId"'],
    [{ title: 'x', position: '80000000' }, ': Unrecognized key: "position"'],
    [JSON.parse('{"title":"x","__proto__":{"id":"y"}}'), ': Unrecognized key: "__proto__"'],
    [JSON.parse('{"title":"x","constructor":1}'), ': Unrecognized key: "constructor"'],
    [null, ': Invalid input: expected object, received null'],
    [[], ': Invalid input: expected object, received array'],
  ])('%j is refused', (value, message) => {
    expect(messageOf(taskCreate, value)).toBe(message)
  })

  test('tags are merged before they are counted', () => {
    const sent = [
      ...Array.from({ length: 10 }, (_, i) => `Tag ${i}`),
      ...Array.from({ length: 10 }, (_, i) => `tag ${i}`),
    ]
    expect(taskCreate.parse({ title: 'x', tags: sent }).tags).toEqual(sent.slice(0, 10))
    expect(taskCreate.parse({ title: 'x', tags: [' Home ', 'e\u0301', 'HOME', 'É'] }).tags).toEqual(['Home', 'é'])
  })

  test('up to 500 tasks are sent in one call, and issues name the task', () => {
    expect(taskCreateMany.parse({ tasks: [{ title: 'x' }], mutationId: ID })).toEqual({
      tasks: [{ title: 'x' }],
      mutationId: ID,
    })
    expect(messageOf(taskCreateMany, { tasks: [] })).toBe('tasks: is empty; give at least one task')
    expect(messageOf(taskCreateMany, { tasks: Array.from({ length: 501 }, () => ({ title: 'x' })) })).toBe(
      'tasks: holds more than 500 tasks; send them in parts',
    )
    expect(messageOf(taskCreateMany, { tasks: [{ title: 'x' }, { title: '', due: { date: 'x' } }] })).toBe(
      'tasks.1.title: is empty; give at least one character that is not a blank | tasks.1.due.date: is not a date that exists, written YYYY-MM-DD',
    )
    // The mutation id belongs to the call.
    expect(messageOf(taskCreateMany, { tasks: [{ title: 'x', mutationId: ID }] })).toBe(
      'tasks.0: Unrecognized key: "mutationId"',
    )
  })
})

describe('a due date', () => {
  const due = (value: unknown): string => messageOf(taskCreate, { title: 'x', due: value })

  test.each([
    { date: '0001-01-01' },
    { date: '9999-12-31' },
    { date: '0001-01-03', time: '00:00', timeZone: 'Pacific/Kiritimati' },
    { date: '9999-12-29', time: '23:59', timeZone: 'Etc/GMT+12' },
    // Skipped or repeated by the clocks: the database decides which instant it is.
    { date: '2026-03-29', time: '02:30', timeZone: 'Europe/Berlin' },
    { date: '2026-10-25', time: '02:30', timeZone: 'Europe/Berlin' },
  ])('accepts %j', (value) => {
    expect(due(value)).toBe('valid')
  })

  test.each([
    [{}, 'due.date: is missing'],
    [{ date: '2023-02-29' }, 'due.date: is not a date that exists, written YYYY-MM-DD'],
    [{ date: '0000-12-31' }, 'due.date: is before the year 0001'],
    [{ date: '2026-11-22', time: '09:30' }, 'due: needs both time and timeZone, or neither for an all-day date'],
    [{ date: '2026-11-22', timeZone: 'UTC' }, 'due: needs both time and timeZone, or neither for an all-day date'],
    [
      { date: '0001-01-02', time: '23:59', timeZone: 'UTC' },
      'due.date: is not between 0001-01-03 and 9999-12-29, which a due with a time must be',
    ],
    [
      { date: '9999-12-30', time: '00:00', timeZone: 'UTC' },
      'due.date: is not between 0001-01-03 and 9999-12-29, which a due with a time must be',
    ],
    [{ date: '2026-11-22', time: '24:00', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [{ date: '2026-11-22', time: '9:30', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [{ date: '2026-11-22', time: '09:30:00', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [{ date: '2026-11-22', time: '09:30\n', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [
      { date: '2026-11-22', time: '09:30', timeZone: 'PST' },
      'due.timeZone: is not a time zone of the IANA database, such as Europe/Berlin',
    ],
    [{ date: '2026-11-22', zone: 'UTC' }, 'due: Unrecognized key: "zone"'],
    ['2026-11-22', 'due: Invalid input: expected object, received string'],
  ])('refuses %j', (value, message) => {
    expect(due(value)).toBe(message)
  })
})

describe('inputs that change one task', () => {
  test('changes need at least one field, and only fields that can be changed', () => {
    const all = { title: 'x', description: null, complete: false, priority: 'none', tags: [], due: null }
    expect(taskChanges.parse(all)).toEqual(all)
    for (const key of Object.keys(all))
      expect(taskChanges.safeParse({ [key]: Reflect.get(all, key) }).success).toBe(true)
    for (const empty of [{}, { title: undefined }])
      expect(messageOf(taskUpdate, { id: ID, changes: empty })).toBe(
        'changes: is empty; give at least one of title, description, complete, priority, tags, due, dueDate',
      )
    for (const key of ['id', 'userId', 'listId', 'createdAt', 'completedAt', 'position', 'revision', 'deletedAt'])
      expect(issuesOf(taskUpdate, { id: ID, changes: { title: 'x', [key]: null } })).toEqual([
        `changes: Unrecognized key: "${key}"`,
      ])
    expect(messageOf(taskUpdate, { changes: { title: 'x' } })).toBe('id: is missing')
    expect(messageOf(taskUpdate, { id: ID, changes: { title: 'x' }, expectedRevision: -1 })).toBe(
      'expectedRevision: is below 0',
    )
  })

  test('every mutation of one task takes its id, an expected revision and a mutation id', () => {
    const on = { id: ID, expectedRevision: 3, mutationId: OTHER }
    expect(taskReference.parse(on)).toEqual(on)
    expect(taskComplete.parse(on)).toEqual({ ...on, complete: true })
    expect(taskComplete.parse({ ...on, complete: false })).toEqual({ ...on, complete: false })
    expect(taskMove.parse({ ...on, listId: null, after: null })).toEqual({ ...on, listId: null, after: null })
    // Without listId the task stays in its list; null is the inbox.
    expect(taskMove.parse({ id: ID })).toEqual({ id: ID })
    expect(messageOf(taskGet, { id: ID, mutationId: OTHER })).toBe(': Unrecognized key: "mutationId"')
    for (const schema of [taskReference, taskComplete, taskMove, taskGet])
      expect(messageOf(schema, {})).toBe('id: is missing')
  })
})

describe('a filter', () => {
  test.each([
    {},
    { complete: false },
    { priority: [...PRIORITIES] },
    { tags: { all: ['a', 'b'] } },
    { tags: { any: ['a'] } },
    { listId: null },
    { listId: ID },
    { listId: [ID, null] },
    { due: 'none' },
    { due: 'overdue' },
    { due: 'today' },
    { due: { on: '2026-11-22' } },
    { due: { on: '2026-11-22', before: '2026-11-22T09:30:00.000Z' } },
    { due: { before: '2026-11-22' } },
    { due: { after: '2026-11-22T09:30:00.000Z', before: '2026-12-01' } },
    { search: 'milk bread' },
    { trash: 'only' },
    { complete: true, due: 'none', search: 'x', trash: 'with' },
  ])('accepts %j', (filter) => {
    expect(taskFilter.parse(filter)).toEqual(filter)
  })

  test('drops a blank search', () => {
    for (const search of ['', '  ', '\u3000'])
      expect(taskFilter.parse({ complete: true, search })).toEqual({ complete: true })
  })

  test('is normalised like the stored values', () => {
    expect(
      taskFilter.parse({
        tags: { any: [' e\u0301 '] },
        search: ' e\u0301  x ',
        listId: ID.toUpperCase(),
        due: { after: '2026-11-22T09:30:00+01:00' },
      }),
    ).toEqual({
      tags: { any: ['é'] },
      search: 'é  x',
      listId: ID,
      due: { after: '2026-11-22T08:30:00.000Z' },
    })
  })

  test.each([
    [{ complete: 'yes' }, 'complete: Invalid input: expected boolean, received string'],
    [{ priority: [] }, 'priority: is empty; leave it out to match any'],
    [{ priority: ['top'] }, 'priority.0: is not one of none, low, medium, high, urgent'],
    [{ priority: 'high' }, 'priority: Invalid input: expected array, received string'],
    [{ tags: {} }, 'tags: needs either all or any'],
    [{ tags: { all: ['a'], any: ['b'] } }, 'tags: needs either all or any'],
    [{ tags: { all: [] } }, 'tags.all: is empty; leave it out to match any'],
    [{ tags: { any: [''] } }, 'tags.any.0: is empty; give at least one character that is not a blank'],
    [{ tags: { any: Array.from({ length: 51 }, (_, i) => `${i}`) } }, 'tags.any: holds more than 50 values'],
    [{ listId: [] }, 'listId: is empty; leave it out to match any'],
    [{ listId: 'inbox' }, 'listId: is not a UUID'],
    [{ listId: 5 }, 'listId: is not a list id, null for the inbox, or an array of these'],
    [{ due: {} }, 'due: needs on, before or after'],
    [
      { due: 'soon' },
      "due: is neither 'today', 'overdue', 'none' nor an object with on (a date), before or after (each a date or an instant)",
    ],
    [
      { due: { on: '2026-11-22T09:30:00Z' } },
      "due: is neither 'today', 'overdue', 'none' nor an object with on (a date), before or after (each a date or an instant)",
    ],
    [
      { due: { before: 'tomorrow' } },
      "due: is neither 'today', 'overdue', 'none' nor an object with on (a date), before or after (each a date or an instant)",
    ],
    [{ search: 'x'.repeat(LIMITS.search + 1) }, 'search: is longer than 200 characters; shorten it'],
    [{ search: 'a b c d e f g h i j k' }, 'search: has more than 10 words'],
    [{ trash: 'yes' }, 'trash: is not one of without, only, with'],
    // Reserved for later.
    [{ and: [] }, ': Unrecognized key: "and"'],
    [{ or: [] }, ': Unrecognized key: "or"'],
    [{ not: {} }, ': Unrecognized key: "not"'],
  ])('refuses %j', (filter, message) => {
    const found = messageOf(taskFilter, filter)
    expect(found.startsWith(message)).toBe(true)
    // Within a call the path starts with the field.
    const [field] = [issuesOf(taskList, { filter })].flat()
    expect(field).toMatch(/^filter/)
  })
})

describe('a page of tasks', () => {
  test('is newest first by default', () => {
    expect(taskList.parse({})).toEqual({ sort: { by: 'createdAt', direction: 'desc' }, limit: 50 })
    expect(taskCount.parse({})).toEqual({})
    for (const by of SORTS)
      for (const direction of ['asc', 'desc'])
        expect(taskList.parse({ sort: { by, direction } }).sort).toEqual({ by, direction })
  })

  test.each([
    [
      { sort: { by: 'size', direction: 'asc' } },
      'sort.by: is not one of createdAt, updatedAt, completedAt, deletedAt, due, priority, title, position',
    ],
    [{ sort: { by: 'due' } }, 'sort.direction: is missing'],
    [{ sort: { by: 'due', direction: 'up' } }, 'sort.direction: is neither asc nor desc'],
    [{ sort: null }, 'sort: Invalid input: expected object, received null'],
    [{ limit: 101 }, 'limit: is above 100'],
    [{ cursor: '' }, 'cursor: is not a cursor of an earlier reply'],
    [{ timeZone: 'Mars' }, 'timeZone: is not a time zone of the IANA database, such as Europe/Berlin'],
    [{ offset: 5 }, ': Unrecognized key: "offset"'],
  ])('%j is refused', (value, message) => {
    expect(messageOf(taskList, value)).toBe(message)
  })
})

describe('an input of tasks.bulk', () => {
  const action = { type: 'delete' }
  test.each([
    { ids: [ID, OTHER], action },
    { ids: [ID], action: { type: 'update', changes: { complete: true } }, dryRun: true },
    { filter: { complete: true }, action: { type: 'move', listId: null }, maxAffected: 10_000, timeZone: 'UTC' },
    { filter: { listId: null }, action: { type: 'restore' }, maxAffected: 1 },
    { filter: { search: 'x', trash: 'only' }, action: { type: 'purge' }, maxAffected: 5, mutationId: ID },
    { filter: { due: 'today' }, action: { type: 'complete', complete: true }, maxAffected: 5 },
    // Emptying the trash, or restoring all of it.
    { filter: { trash: 'only' }, action: { type: 'purge' }, maxAffected: 5 },
    { filter: { trash: 'only' }, action: { type: 'restore' }, maxAffected: 5 },
  ])('%j is accepted', (value) => {
    expect(taskBulk.parse(value)).toEqual(value)
  })

  test.each([
    [{ action }, ': needs exactly one of ids and filter'],
    [{ ids: [ID], filter: { complete: true }, maxAffected: 1, action }, ': needs exactly one of ids and filter'],
    [{ filter: { complete: true }, action }, 'maxAffected: is required with filter'],
    [
      { filter: {}, maxAffected: 1, action },
      'filter: is empty; give at least one field (trash alone is enough only to restore or purge)',
    ],
    ...[{ search: '' }, { search: ' \u3000', trash: 'only' as const }, { trash: 'with' as const }].map(
      (filter): [object, string] => [
        { filter, maxAffected: 1, action },
        'filter: is empty; give at least one field (trash alone is enough only to restore or purge)',
      ],
    ),
    [
      { filter: { trash: 'with' }, maxAffected: 1, action: { type: 'purge' } },
      'filter: is empty; give at least one field (trash alone is enough only to restore or purge)',
    ],
    [
      { filter: { search: '' }, maxAffected: 1, action: { type: 'purge' } },
      'filter: is empty; give at least one field (trash alone is enough only to restore or purge)',
    ],
    [
      { filter: { trash: 'only' }, maxAffected: 1, action },
      'filter: is empty; give at least one field (trash alone is enough only to restore or purge)',
    ],
    [
      { filter: { complete: undefined }, maxAffected: 1, action },
      'filter: is empty; give at least one field (trash alone is enough only to restore or purge)',
    ],
    [{ ids: [], action }, 'ids: is empty; give at least one id'],
    [{ ids: [ID, ID.toUpperCase()], action }, 'ids: names a task twice'],
    [{ ids: ['x'], action }, 'ids.0: is not a UUID'],
    [{ ids: [ID] }, 'action: has no type of update, complete, move, delete, restore or purge'],
    [{ ids: [ID], action: {} }, 'action.type: has no type of update, complete, move, delete, restore or purge'],
    [
      { ids: [ID], action: { type: 'archive' } },
      'action.type: has no type of update, complete, move, delete, restore or purge',
    ],
    [
      { ids: [ID], action: { type: 'complete' } },
      'action.complete: Invalid input: expected boolean, received undefined',
    ],
    [{ ids: [ID], action: { type: 'move' } }, 'action.listId: is missing'],
    [
      { ids: [ID], action: { type: 'update', changes: {} } },
      'action.changes: is empty; give at least one of title, description, complete, priority, tags, due, dueDate',
    ],
    [{ ids: [ID], action: { type: 'delete', listId: null } }, 'action: Unrecognized key: "listId"'],
    [{ ids: [ID], action, maxAffected: 0 }, 'maxAffected: is below 1'],
    [{ ids: [ID], action, maxAffected: 10_001 }, 'maxAffected: is above 10000'],
    [{ ids: [ID], action, timeZone: 'x' }, 'timeZone: is not a time zone of the IANA database, such as Europe/Berlin'],
  ])('%j is refused', (value, message) => {
    expect(messageOf(taskBulk, value)).toBe(message)
  })

  test('more than 500 ids are refused', () => {
    const ids = Array.from({ length: 501 }, (_, i) => `0190b1a0-0000-7000-8000-${String(i).padStart(12, '0')}`)
    expect(messageOf(taskBulk, { ids, action })).toBe('ids: holds more than 500 ids; send them in parts')
    expect(messageOf(taskBulk, { ids: ids.slice(1), action })).toBe('valid')
  })
})
