import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contract } from './contract.ts'
import type { AnyProcedure, Kind } from './procedure.ts'
import { account, AT, change, ID, key, list, task, user } from './testing/rows.ts'

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
    '%s declares the order of its rows',
    (_, { order }) => {
      expect(order).toBeDefined()
    },
  )

  // A newer service may send more fields; clients ignore them.
  test.each(procedures)(
    '%s accepts a reply with additional fields, and refuses one with a missing field',
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
