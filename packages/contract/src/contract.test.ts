import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { mutationIdOnly, noInput } from './account.ts'
import { changesInput } from './change.ts'
import { type AnyProcedure, contract, type Kind } from './contract.ts'
import { APP_CODES } from './errors.ts'
import { LIMITS } from './limits.ts'
import type { Task } from './task.ts'
import { fieldsAreKnown } from './values.ts'
import { CONTRACT_HASH, CONTRACT_HEADER, CONTRACT_VERSION } from './version.ts'

const ID = '0190b1a0-0000-7000-8000-00000000000f'
const AT = '2026-11-22T09:30:00.000Z'
const task: Task = {
  id: ID,
  spaceId: ID,
  userId: ID,
  listId: null,
  title: 'Buy milk',
  description: null,
  complete: false,
  completedAt: null,
  priority: 'none',
  tags: [],
  due: { date: '2026-11-22', time: '10:30', timeZone: 'Europe/Berlin' },
  dueAt: AT,
  position: '80000000',
  revision: 1,
  createdAt: AT,
  updatedAt: AT,
  deletedAt: null,
}
const list = { id: ID, name: 'Home', position: '80000000', revision: 2, createdAt: AT, updatedAt: AT }
const change = {
  revision: 1,
  commit: 1,
  at: AT,
  mutationId: null,
  requestId: null,
  actor: { kind: 'user', userId: ID, keyId: null },
  action: 'create',
  entity: 'task',
  entityId: ID,
  before: null,
  after: { ...task },
  redacted: false,
}
const account = { id: ID, email: 'a@example.com', name: 'Ada', timeZone: 'UTC', createdAt: AT }
const key = { id: ID, name: 'Key', scopes: ['tasks:read'], spaceId: null, createdAt: AT, expiresAt: null }

/** For each procedure: its kind and access, a valid input and a valid reply. */
const PROCEDURES: Record<string, { kind: Kind; access: string; input: unknown; output: object }> = {
  'tasks.create': { kind: 'mutation', access: 'tasks:write', input: { title: 'x' }, output: task },
  'tasks.createMany': {
    kind: 'mutation',
    access: 'tasks:write',
    input: { tasks: [{ title: 'x' }] },
    output: { tasks: [task, { ...task, due: { date: '2026-11-22' } }] },
  },
  'tasks.get': {
    kind: 'query',
    access: 'tasks:read',
    input: { id: ID },
    output: { ...task, deletedAt: AT, completedAt: AT, complete: true },
  },
  'tasks.list': {
    kind: 'query',
    access: 'tasks:read',
    input: {},
    output: { items: [{ ...task, due: null, dueAt: null }], nextCursor: 'x', revision: 3 },
  },
  'tasks.count': {
    kind: 'query',
    access: 'tasks:read',
    input: {},
    output: { total: 3, open: 2, complete: 1, overdue: 0 },
  },
  'tasks.update': { kind: 'mutation', access: 'tasks:write', input: { id: ID, changes: { title: 'x' } }, output: task },
  'tasks.complete': { kind: 'mutation', access: 'tasks:write', input: { id: ID }, output: task },
  'tasks.move': { kind: 'mutation', access: 'tasks:write', input: { id: ID }, output: task },
  'tasks.delete': { kind: 'mutation', access: 'tasks:write', input: { id: ID }, output: task },
  'tasks.restore': { kind: 'mutation', access: 'tasks:write', input: { id: ID }, output: task },
  'tasks.purge': { kind: 'mutation', access: 'tasks:write', input: { id: ID }, output: { id: ID, revision: 3 } },
  'tasks.bulk': {
    kind: 'mutation',
    access: 'tasks:write',
    input: { ids: [ID], action: { type: 'delete' } },
    output: { affected: 1, tasks: [task], revision: 3 },
  },
  'lists.create': { kind: 'mutation', access: 'tasks:write', input: { name: 'x' }, output: list },
  'lists.update': { kind: 'mutation', access: 'tasks:write', input: { id: ID, changes: { name: 'x' } }, output: list },
  'lists.delete': {
    kind: 'mutation',
    access: 'tasks:write',
    input: { id: ID, tasks: 'inbox' },
    output: { id: ID, revision: 3 },
  },
  'lists.list': {
    kind: 'query',
    access: 'tasks:read',
    input: {},
    output: { items: [list], nextCursor: null, revision: 3 },
  },
  'tags.list': {
    kind: 'query',
    access: 'tasks:read',
    input: {},
    output: { items: [{ tag: 'x', count: 1 }], nextCursor: null },
  },
  'tags.rename': {
    kind: 'mutation',
    access: 'tasks:write',
    input: { from: 'x', to: 'y' },
    output: { affected: 1, revision: 3 },
  },
  'changes.list': {
    kind: 'query',
    access: 'tasks:read',
    input: { after: 0 },
    output: { changes: [change], head: 1, nextAfter: 1 },
  },
  'changes.subscribe': { kind: 'subscription', access: 'tasks:read', input: {}, output: { type: 'change', change } },
  'changes.revert': {
    kind: 'mutation',
    access: 'tasks:write',
    input: { revision: 1 },
    output: { revision: 2, affected: 1 },
  },
  'keys.create': {
    kind: 'mutation',
    access: 'session',
    input: { name: 'x', scopes: ['tasks:read'] },
    output: { key, secret: 'tw_key_x' },
  },
  'keys.revoke': { kind: 'mutation', access: 'account', input: { id: ID }, output: { id: ID } },
  'keys.list': {
    kind: 'query',
    access: 'account',
    input: {},
    output: { items: [{ ...key, expiresAt: AT }], nextCursor: null },
  },
  'me.get': { kind: 'query', access: 'account', input: undefined, output: account },
  'me.update': { kind: 'mutation', access: 'account', input: { name: 'x' }, output: account },
  'me.export': {
    kind: 'query',
    access: 'account tasks:read',
    input: {},
    output: { account, lists: [list], tasks: [task], changes: [change], keys: [key], revision: 3, nextCursor: 'x' },
  },
  'me.delete': { kind: 'mutation', access: 'session', input: {}, output: { id: ID } },
  'system.health': { kind: 'query', access: 'public', input: undefined, output: { status: 'ok', version: '1.0.0' } },
  'system.contract': { kind: 'query', access: 'public', input: {}, output: { version: '1.0.0', hash: 'x' } },
}

const procedures = Object.entries(contract).flatMap(([namespace, table]) =>
  Object.entries<AnyProcedure>(table).map(([name, procedure]) => [`${namespace}.${name}`, procedure] as const),
)

/** The schema of a procedure's input. */
function inputOf(name: string): z.ZodType {
  const [, procedure] = procedures.find(([known]) => known === name) ?? []
  if (procedure === undefined) throw new Error(`There is no procedure ${name}`)
  return procedure.input
}

describe('every procedure', () => {
  test('is listed here', () => {
    expect(procedures.map(([name]) => name).toSorted()).toEqual(Object.keys(PROCEDURES).toSorted())
  })

  test.each(procedures)('%s accepts its input, and its reply parses unchanged', (name, procedure) => {
    const expected = PROCEDURES[name]
    expect({ kind: procedure.kind, access: procedure.access }).toEqual({
      kind: expected?.kind,
      access: expected?.access,
    })
    expect(procedure.input.safeParse(expected?.input).success).toBe(true)
    expect(procedure.output.parse(expected?.output)).toEqual(expected?.output)
    expect(procedure.summary).toMatch(/^[A-Z].+\.$/)
  })

  test.each(procedures)('%s refuses an unknown input and names it', (name, procedure) => {
    const { error } = procedure.input.safeParse({ ...(PROCEDURES[name]?.input as object | undefined), unknown: 1 })
    expect(error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['unknown'], path: [] }])
  })

  // A newer service may send more; clients ignore it.
  test.each(procedures)(
    '%s accepts a reply with additional fields, and none with a missing field',
    (name, procedure) => {
      const output = PROCEDURES[name]?.output ?? {}
      expect(procedure.output.parse({ ...output, unknown: 1 })).toEqual(output)
      for (const field of Object.keys(output))
        expect([field, procedure.output.safeParse({ ...output, [field]: undefined }).success]).toEqual([field, false])
    },
  )

  test.each(procedures.filter(([, { kind }]) => kind === 'mutation'))('%s accepts a mutation id', (name, procedure) => {
    const input = PROCEDURES[name]?.input as object
    expect(procedure.input.parse({ ...input, mutationId: ID.toUpperCase() })).toMatchObject({ mutationId: ID })
    expect(procedure.input.safeParse({ ...input, mutationId: 'x' }).error?.issues[0]).toMatchObject({
      path: ['mutationId'],
      message: 'is not a UUID',
    })
  })

  test.each(procedures.filter(([, { kind }]) => kind === 'query'))(
    '%s does not accept a mutation id',
    (name, procedure) => {
      expect(
        procedure.input.safeParse({ ...(PROCEDURES[name]?.input as object | undefined), mutationId: ID }).success,
      ).toBe(false)
    },
  )
})

describe('replies', () => {
  const parses = (reply: object): boolean => contract.tasks.get.output.safeParse(reply).success
  test('times have milliseconds and are in UTC', () => {
    for (const time of [
      '2026-11-22T09:30:00Z',
      '2026-11-22T09:30:00.123456Z',
      '2026-11-22T09:30:00.000+00:00',
      '2026-11-22 09:30:00.000Z',
      1,
    ])
      for (const field of ['createdAt', 'updatedAt', 'deletedAt', 'completedAt', 'dueAt'])
        expect([field, parses({ ...task, [field]: time })]).toEqual([field, false])
  })

  test('are not checked against limits', () => {
    expect(
      parses({ ...task, title: 'x'.repeat(5000), tags: Array.from({ length: 50 }, () => 'x'), position: 'anything' }),
    ).toBe(true)
  })

  test('open sets accept unknown values', () => {
    const newer = {
      ...change,
      action: 'archive',
      entity: 'project',
      actor: { ...change.actor, kind: 'robot' },
      redacted: undefined,
    }
    expect(contract.changes.list.output.safeParse({ changes: [newer], head: 1, nextAfter: 1 }).success).toBe(true)
    expect(
      contract.keys.list.output.safeParse({ items: [{ ...key, scopes: ['everything'] }], nextCursor: null }).success,
    ).toBe(true)
    expect(contract.system.health.output.safeParse({ status: 'tired', version: '2' }).success).toBe(true)
    expect(parses({ ...task, priority: 'top' })).toBe(false)
  })
})

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
    ['lists.update', { id: ID, changes: {} }, 'changes: is empty; give name or after'],
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
    ['changes.revert', {}, 'revision: is missing'],
    [
      'keys.create',
      { name: 'x', scopes: [] },
      'scopes: is empty; give at least one of tasks:read, tasks:write, account',
    ],
    ['keys.create', { name: 'x', scopes: ['all'] }, 'scopes.0: is not one of tasks:read, tasks:write, account'],
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
      'scopes: cannot contain account together with spaceId: a key of one space cannot act on the account',
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
  ])('%s reports an unknown field alone, not also as a missing one: %j', (name, value, path) => {
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

  test('a page of Changes has 100 by default', () => {
    expect(changesInput.parse({ after: 5 })).toEqual({ after: 5, limit: LIMITS.changesPage.default })
  })
})

describe('versions', () => {
  test('the header has the version and the hash of contract.json', () => {
    expect(CONTRACT_VERSION).toMatch(/^\d+\.\d+\.\d+$/)
    expect(CONTRACT_HASH).toMatch(/^[0-9a-f]{16}$/)
    expect(CONTRACT_HEADER).toBe(`${CONTRACT_VERSION}; hash=${CONTRACT_HASH}`)
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(CONTRACT_VERSION).toBe(version)
  })

  test('error codes are retryable as their HTTP status says', () => {
    for (const [code, { httpStatus, retryable }] of Object.entries(APP_CODES)) {
      expect(code).toMatch(/^[A-Z_]+$/)
      // An error is retryable if it is the service's fault, or there were too many calls.
      expect([code, retryable]).toEqual([code, httpStatus === 429 || httpStatus >= 500])
    }
  })
})

describe('modules', () => {
  const imports = (file: string): string[] =>
    readFileSync(new URL(file, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => !/^(import|export) type /.test(line))
      .flatMap((line) => / from '(.+)'/.exec(line)?.[1] ?? [])
  const reached = (file: string, seen = new Set<string>()): Set<string> => {
    for (const name of imports(file)) {
      if (seen.has(name)) continue
      seen.add(name)
      if (name.startsWith('./')) reached(name, seen)
    }
    return seen
  }

  // The client bundles these modules; zod would be most of a bundle.
  test.each(['./errors.ts', './limits.ts', './version.ts'])('%s does not import zod', (file) => {
    expect([...reached(file)].filter((name) => !name.startsWith('./'))).toEqual([])
  })

  test('no module imports anything but zod, so that all run in a browser', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter(
      (name) => name.endsWith('.ts') && !name.includes('.test'),
    )
    expect(files.length).toBeGreaterThan(10)
    for (const file of files)
      expect([file, imports(`./${file}`).filter((name) => !name.startsWith('./') && name !== 'zod')]).toEqual([
        file,
        [],
      ])
    expect([...reached('./contract.ts')]).toContain('zod')
  })
})
