import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { mutationIdOnly, noInput } from './account.ts'
import { changesInput } from './change.ts'
import { contract } from './contract.ts'
import { LIST_FIELDS } from './fields.ts'
import type { AnyProcedure } from './procedure.ts'
import { LIMITS } from './limits.ts'
import { fieldsAreKnown } from './values.ts'

const ID = '0190b1a0-0000-7000-8000-00000000000f'

const procedures = Object.entries(contract).flatMap(([namespace, table]) =>
  Object.entries<AnyProcedure>(table).map(([name, procedure]) => [`${namespace}.${name}`, procedure] as const),
)

/** The schema of a procedure's input. */
function inputOf(name: string): z.ZodType {
  const [, procedure] = procedures.find(([known]) => known === name) ?? []
  if (procedure === undefined) throw new Error(`There is no procedure ${name}`)
  return procedure.input
}

/** All issues as `path: message`. */
const messageOf = (schema: z.ZodType, value: unknown): string => {
  const { error } = schema.safeParse(value)
  return error === undefined
    ? 'valid'
    : error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' | ')
}

describe('inputs', () => {
  test('a procedure without input accepts undefined and an empty object only', () => {
    expect(noInput.parse(undefined)).toBeUndefined()
    expect(noInput.parse({})).toEqual({})
    for (const given of [null, [], '', 0, false, { a: 1 }, JSON.parse('{"__proto__": 1}')])
      expect(messageOf(noInput, given)).not.toBe('valid')
    expect(mutationIdOnly.parse({})).toEqual({})
    expect(messageOf(mutationIdOnly, undefined)).not.toBe('valid')
  })

  test.each<[string, unknown, string]>([
    ['lists.create', {}, 'name: is missing'],
    ['lists.create', { name: 'x'.repeat(101) }, 'name: is longer than 100 characters; shorten it'],
    ['lists.create', { name: 'x', after: 'y' }, 'after: is not a UUID'],
    ['lists.create', { name: 'x', after: null, id: ID }, 'valid'],
    [
      'lists.update',
      { id: ID, changes: {} },
      `changes: is empty; give ${[...Object.keys(LIST_FIELDS), 'after'].join(' or ')}`,
    ],
    ['lists.update', { id: ID, changes: { after: null } }, 'valid'],
    ['lists.update', { id: ID, changes: { name: null } }, 'changes.name: is not a string'],
    [
      'lists.update',
      { id: ID, changes: { name: 'x' }, expectedRevision: 0.5 },
      'expectedRevision: is not a whole number',
    ],
    ['lists.delete', { id: ID }, "tasks: is neither 'inbox' nor 'trash': say where the list's tasks go"],
    ['lists.delete', { id: ID, tasks: 'keep' }, "tasks: is neither 'inbox' nor 'trash': say where the list's tasks go"],
    ['lists.list', { limit: 0 }, 'limit: is below 1'],
    ['tags.rename', { from: '', to: 'y' }, 'from: is empty; give at least one character that is not a blank'],
    ['tags.rename', { from: 'x' }, 'to: is missing'],
    ['tags.rename', { from: 'x', to: 'y'.repeat(51) }, 'to: is longer than 50 characters; shorten it'],
    ['changes.list', {}, 'after: is missing'],
    ['changes.list', { after: -1 }, 'after: is below 0'],
    ['changes.list', { after: 0, limit: 501 }, 'limit: is above 500'],
    ['changes.list', { after: 0, entityId: ID }, 'valid'],
    ['changes.list', { after: 0, entityId: 'x' }, 'entityId: is not a UUID'],
    ['changes.list', { after: 0, entityId: null }, 'entityId: is not a UUID'],
    ['changes.revert', {}, 'revision: is missing'],
    [
      'keys.create',
      { name: 'x', scopes: [] },
      "scopes: is empty; give at least one of 'tasks:read', 'tasks:write', 'account'",
    ],
    ['keys.create', { name: 'x', scopes: ['all'] }, "scopes.0: is not one of 'tasks:read', 'tasks:write', 'account'"],
    ['keys.create', { name: 'x', scopes: ['account', 'account'] }, 'scopes: names a scope twice'],
    [
      'keys.create',
      { name: 'x', scopes: ['account'], expiresAt: '2020-01-01T00:00:00Z' },
      'expiresAt: is not in the future',
    ],
    [
      'keys.create',
      { name: 'x', scopes: ['account'], expiresAt: 'soon' },
      'expiresAt: is not an ISO-8601 time with a zone, such as 2026-11-22T09:30:00Z',
    ],
    ['keys.create', { name: 'x', scopes: ['account'], expiresAt: '9999-12-31T23:59:59Z' }, 'valid'],
    ['keys.create', { name: 'x', scopes: ['account'], spaceId: null }, 'valid'],
    ['keys.create', { name: 'x', scopes: ['tasks:write'], spaceId: ID }, 'valid'],
    ['keys.create', { name: 'x', scopes: ['tasks:write'], spaceId: 'x' }, 'spaceId: is not a UUID'],
    [
      'keys.create',
      { name: 'x', scopes: ['tasks:read', 'account'], spaceId: ID },
      "scopes: cannot contain 'account' together with spaceId: a key of one space cannot act on the account",
    ],
    ['keys.revoke', { id: 'x' }, 'id: is not a UUID'],
    ['me.update', {}, ': is empty; give name or timeZone'],
    ['me.update', { mutationId: ID }, ': is empty; give name or timeZone'],
    ['me.update', { timeZone: 'IST' }, 'timeZone: is not a time zone of the IANA database, such as Europe/Berlin'],
    ['me.update', { name: '\u2028' }, 'name: is empty; give at least one character that is not a blank'],
    ['me.update', { email: 'a@example.com', name: 'x' }, ': Unrecognized key: "email"'],
  ])('%s: %j', (name, value, message) => {
    expect(messageOf(inputOf(name), value)).toBe(message)
  })

  test.each<[string, unknown, string]>([
    ['tasks.create', { title: 'x', due: { date: '2026-11-22', time: '09:30', timezone: 'UTC' } }, 'due'],
    ['tasks.update', { id: ID, changes: { titel: 'x' } }, 'changes'],
    ['tasks.update', { id: ID, changes: { due: null, dueDate: '2026-11-22', titel: 'x' } }, 'changes'],
    ['tasks.list', { filter: { tags: { al: ['x'] } } }, 'filter.tags'],
    ['tasks.list', { filter: { due: { until: '2026-11-22' } } }, 'filter.due'],
    ['tasks.bulk', { id: [ID], action: { type: 'delete' } }, ''],
    ['tasks.bulk', { filter: { done: true }, maxAffected: 1, action: { type: 'delete' } }, 'filter'],
    ['tasks.bulk', { filter: { complete: true }, limit: 1, action: { type: 'delete' } }, ''],
    ['lists.update', { id: ID, changes: { title: 'x' } }, 'changes'],
    ['me.update', { zone: 'UTC' }, ''],
    ['keys.create', { name: 'x', scopes: ['account'], spaceId: ID, expires: null }, ''],
  ])('%s reports a misspelt field once, as unknown: %j', (name, value, path) => {
    expect(messageOf(inputOf(name), value)).toMatch(new RegExp(`^${path}: Unrecognized key: "\\w+"$`))
  })

  test('rules across the fields of an object are checked only if all its fields are known', () => {
    const unguarded: string[] = []
    const visit = (schema: z.core.$ZodType, path: string): void => {
      const { def } = schema._zod
      if (def.type === 'object' && def.checks?.some((check) => check._zod.def.when !== fieldsAreKnown))
        unguarded.push(path)
      for (const [name, value] of Object.entries(def))
        for (const [key, inner] of Object.entries(name === 'shape' ? (value as object) : [value].flat()))
          if (inner instanceof z.core.$ZodType) visit(inner, name === 'shape' ? `${path}.${key}` : path)
    }
    for (const [name, { input }] of procedures) visit(input, name)
    expect(unguarded).toEqual([])
  })

  test('a page has 100 Changes by default', () => {
    expect(changesInput.parse({ after: 5 })).toEqual({ after: 5, limit: LIMITS.changesPage.default })
  })
})
