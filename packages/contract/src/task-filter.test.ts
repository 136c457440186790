import { describe, expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { PRIORITIES } from './fields.ts'
import { SORTS, taskCount, taskFilter, taskList } from './task-filter.ts'
import { ID, issuesOf, messageOf } from './testing/issues.ts'

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
    [{ priority: [] }, 'priority: is empty; leave out `priority` to match all tasks'],
    [{ priority: ['top'] }, "priority.0: is not one of 'none', 'low', 'medium', 'high', 'urgent'"],
    [{ priority: 'high' }, 'priority: Invalid input: expected array, received string'],
    [{ tags: {} }, 'tags: needs exactly one of all and any'],
    [{ tags: { all: ['a'], any: ['b'] } }, 'tags: needs exactly one of all and any'],
    [{ tags: { all: [] } }, 'tags.all: is empty; leave out `tags` to match all tasks'],
    [{ tags: { any: [''] } }, 'tags.any.0: is empty; give at least one character that is not a blank'],
    [{ tags: { any: Array.from({ length: 51 }, (_, i) => `${i}`) } }, 'tags.any: holds more than 50 values'],
    [{ listId: [] }, 'listId: is empty; leave out `listId` to match all tasks'],
    [{ listId: 'inbox' }, 'listId: is not a UUID'],
    [{ listId: 5 }, 'listId: is not a list id, null for the inbox, or an array of these'],
    [{ due: {} }, 'due: needs at least one of on, before and after'],
    [
      { due: 'soon' },
      "due: must be 'today', 'overdue', 'none', or an object with on (a date), before or after (each a date or an instant)",
    ],
    [
      { due: { on: '2026-11-22T09:30:00Z' } },
      "due: must be 'today', 'overdue', 'none', or an object with on (a date), before or after (each a date or an instant)",
    ],
    [
      { due: { before: 'tomorrow' } },
      "due: must be 'today', 'overdue', 'none', or an object with on (a date), before or after (each a date or an instant)",
    ],
    [{ search: 'x'.repeat(LIMITS.search + 1) }, 'search: is longer than 200 characters; shorten it'],
    [{ search: 'a b c d e f g h i j k' }, 'search: has more than 10 words'],
    [{ trash: 'yes' }, "trash: is not one of 'without', 'only', 'with'"],
    // These keys are reserved for later.
    [{ and: [] }, ': Unrecognized key: "and"'],
    [{ or: [] }, ': Unrecognized key: "or"'],
    [{ not: {} }, ': Unrecognized key: "not"'],
  ])('refuses %j', (filter, message) => {
    const found = messageOf(taskFilter, filter)
    expect(found.startsWith(message)).toBe(true)
    // In a call, the path of an issue starts with `filter`.
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
      "sort.by: is not one of 'createdAt', 'updatedAt', 'completedAt', 'deletedAt', 'due', 'priority', 'title', 'position'",
    ],
    [{ sort: { by: 'due' } }, 'sort.direction: is missing'],
    [{ sort: { by: 'due', direction: 'up' } }, "sort.direction: is neither 'asc' nor 'desc'"],
    [{ sort: null }, 'sort: Invalid input: expected object, received null'],
    [{ limit: 101 }, 'limit: is above 100'],
    [{ cursor: '' }, 'cursor: is not a cursor of an earlier reply'],
    [{ timeZone: 'Mars' }, 'timeZone: is not a time zone of the IANA database, such as Europe/Berlin'],
    [{ offset: 5 }, ': Unrecognized key: "offset"'],
  ])('%j is refused', (value, message) => {
    expect(messageOf(taskList, value)).toBe(message)
  })
})
