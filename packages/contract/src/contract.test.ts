import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contract } from './contract.ts'
import type { AnyProcedure, Kind } from './procedure.ts'
import type { Task } from './task.ts'

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
const account = { id: ID, email: 'a@example.com', name: 'Ada', timeZone: 'UTC', externalId: null, createdAt: AT }
const user = { ...account, email: null, externalId: 'user|1', disabled: false }
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
  'users.create': { kind: 'mutation', access: 'users', input: { externalId: 'user|1', name: 'Ada' }, output: user },
  'users.update': {
    kind: 'mutation',
    access: 'users',
    input: { externalId: 'user|1', changes: { disabled: true } },
    output: user,
  },
  'users.delete': { kind: 'mutation', access: 'users', input: { id: ID }, output: { id: ID } },
  'users.list': { kind: 'query', access: 'users', input: {}, output: { items: [user], nextCursor: null } },
  'system.health': { kind: 'query', access: 'public', input: undefined, output: { status: 'ok', version: '1.0.0' } },
  'system.contract': { kind: 'query', access: 'public', input: {}, output: { version: '1.0.0', hash: 'x' } },
}

const procedures = Object.entries(contract).flatMap(([namespace, table]) =>
  Object.entries<AnyProcedure>(table).map(([name, procedure]) => [`${namespace}.${name}`, procedure] as const),
)

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

  test.each(procedures.filter(([, { output }]) => JSON.stringify(z.toJSONSchema(output)).includes('"nextCursor"')))(
    '%s says in which order its pages are',
    (_, { order }) => {
      expect(order).toBeDefined()
    },
  )

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
