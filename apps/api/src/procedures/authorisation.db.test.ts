import { randomUUID } from 'node:crypto'
import { createClient } from '@taskwire/db'
import { hashRows } from '@taskwire/db/testing'
import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startTestIssuer } from '../testing/issuer.ts'
import { startTestService } from '../testing/service.ts'
import type { CallerKind } from '../testing/authorisation/caller-kind.ts'
import { type CallResult, createCalls, procedures } from '../testing/authorisation/calls.ts'
import { callerKinds } from '../testing/authorisation/callers.ts'
import { matrix } from '../testing/authorisation/matrix.ts'
import { createRestoredDatabase } from '../testing/authorisation/restored.ts'
import type { ObjectKind, Outcome, Reference, Row } from '../testing/authorisation/row.ts'
import { createTestAccount, unknownValue, type TestAccount } from '../testing/authorisation/test-account.ts'

// Every procedure is called by every kind of caller with every kind of object.
const restored = await createRestoredDatabase()
const issuer = await startTestIssuer()
const service = await startTestService({ database: restored.database, env: issuer.env, limitsSlowCalls: false })
const kinds = callerKinds(service, issuer, restored.session)
const admin = createClient({ address: service.database.admin, applicationName: 'taskwire-test' })
afterAll(async () => {
  await admin.end()
  await service[Symbol.asyncDispose]()
  await restored.database[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})

// Few enough callers at once that no call waits too long for a connection.
const limited = pLimit(30)
const CANARY = `canary${randomUUID().replaceAll('-', '')}`
const SPACE = 'x-taskwire-space'
let victim: TestAccount
/** Ids of the victim's objects, by kind; `trashed` is a task in the trash. */
const victims: Record<string, string> = {}
/** Mutation ids that the victim has used, one for each procedure. */
const usedIds = new Map<string, string>()
/** Ids of rows of another user, with which callers create rows of their own: each is used once. */
const foreignIds: { task: string[]; list: string[] } = { task: [], list: [] }
let before: Record<string, string>

interface TestCaller {
  kind: CallerKind
  account: TestAccount
  headers: Record<string, string>
}
let testCallers: TestCaller[]

async function createTestCaller(kind: CallerKind): Promise<TestCaller> {
  const account = await createTestAccount(service, 'own')
  return { kind, account, headers: await kind.headers(account) }
}

beforeAll(async () => {
  victim = await createTestAccount(service, CANARY)
  for (const kind of new Set(rows.flatMap(({ row }) => row.references.map(({ of }) => of))))
    if (kind !== 'commit') victims[kind] = await victim.create(kind)
  victims['user'] = victim.id
  victims['trashed'] = await victim.createTrashed()
  // Gives the victim's commit a revision that no other user reaches.
  await service.admin('update tw.spaces set revision = 5000000 where id = $1', [victim.id])
  victims['commit'] = await victim.create('commit')
  for (const { path } of rows) {
    const mutationId = randomUUID()
    await victim.client.tasks.create.mutate({ title: CANARY, mutationId })
    usedIds.set(path, mutationId)
  }
  // Created before the test calls, since mutations of one user wait for each other, with a time limit.
  const other = await createTestAccount(service, 'other')
  const { tasks } = await other.client.tasks.createMany.mutate({
    tasks: Array.from({ length: 100 }, () => ({ title: 'foreign' })),
  })
  foreignIds.task = tasks.map(({ id }) => id)
  for (let nr = 0; nr < 30; nr++) foreignIds.list.push(await other.create('list'))
  before = await hashRows(admin, victim.id)
  testCallers = await Promise.all(kinds.map(createTestCaller))
})

const { call, callBatch } = createCalls(service.url, CANARY)

const rows = Object.entries(matrix)
  .flatMap(([namespace, verbs]) =>
    Object.entries(verbs).map(([verb, row]) => ({ path: `${namespace}.${verb}`, row: row as Row<unknown> })),
  )
  // me.delete is last, since it deletes the accounts of the callers.
  .toSorted((a, b) => Number(a.path === 'me.delete') - Number(b.path === 'me.delete'))

test('the matrix has one row for each procedure of the contract', () => {
  expect(rows.map(({ path }) => path).toSorted()).toEqual([...procedures.keys()].toSorted())
})

/** Returns the names of all fields of a schema that are an id or a cursor. */
function namingFields(schema: unknown, field = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { format, properties } = schema as { format?: unknown; properties?: Record<string, unknown> }
  const here = format === 'uuid' || field === 'cursor' ? [field] : []
  const below = Object.entries(properties ?? {}).flatMap(([name, one]) => namingFields(one, name))
  const others = Object.entries(schema).filter(([key]) => key !== 'properties')
  return [...here, ...below, ...others.flatMap(([, one]) => namingFields(one, field))]
}

test.each(rows.map(({ path, row }) => [path, row] as const))(
  '%s has a reference for each id of its input',
  (path, row) => {
    const schema = z.toJSONSchema(procedures.get(path)?.input ?? z.never(), { io: 'input' })
    const fields = new Set(namingFields(schema))
    fields.delete('mutationId')
    const named = row.references.flatMap(({ name }) => name.split(/[^a-zA-Z]+/))
    expect([...fields].filter((field) => !named.includes(field))).toEqual([])
  },
)

/** Returns a value that names no object of any user; for a cursor, a valid cursor of an unknown space. */
function unknownOf(of: ObjectKind): string {
  if (!of.startsWith('cursor')) return unknownValue(of)
  const text = Buffer.from(victims[of] ?? '', 'base64url').toString()
  return Buffer.from(text.replace(victim.id, randomUUID())).toString('base64url')
}

/** The values to test for a reference, and the outcome of a permitted call with each. */
async function valuesFor(reference: Reference<unknown>, account: TestAccount, isPermitted: boolean) {
  const { of, missing, own = 'OK', trashed = 'OK', isNew = false, ofEveryone = false } = reference
  const isTask = of === 'task'
  // A refused caller may have no account, and needs no objects.
  const create = async (creator: () => Promise<string>): Promise<string> =>
    isPermitted ? await creator() : unknownOf(of)
  const another = isNew && isPermitted ? foreignIds[of === 'list' ? 'list' : 'task'].pop() : victims[of]
  return [
    { name: 'own', value: await create(async () => await account.create(of)), expected: own },
    ...(isTask ? [{ name: 'own in the trash', value: await create(account.createTrashed), expected: trashed }] : []),
    { name: 'missing', value: unknownOf(of), expected: missing },
    ...(ofEveryone && isPermitted ? [] : [{ name: "another's", value: another ?? '', expected: missing }]),
    ...(isTask && !isNew
      ? [
          { name: "another's in the trash", value: victims['trashed'] ?? '', expected: missing },
          { name: 'purged', value: await create(account.createPurged), expected: missing },
        ]
      : []),
  ]
}

/** Calls with each value of a reference. `outcome` is the outcome of a valid call by this caller. */
async function tryReference(
  path: string,
  reference: Reference<unknown>,
  { kind, account, headers }: TestCaller,
  outcome: Outcome,
) {
  const isPermitted = outcome === 'OK'
  const create = isPermitted ? account.create : async (of: ObjectKind) => unknownOf(of)
  const results: Record<string, CallResult> = {}
  for (const { name, value, expected } of await valuesFor(reference, account, isPermitted)) {
    const result = await call(path, await reference.input(value, create), headers)
    const about = { path, reference: reference.name, caller: kind.name, object: name }
    expect({ ...about, outcome: result.outcome }).toEqual({ ...about, outcome: isPermitted ? expected : outcome })
    // The refusal names the field with the unknown id, or the space.
    if (result.outcome === 'NOT_FOUND')
      expect({ ...about, fields: result.fields }).toEqual({
        ...about,
        fields: [isPermitted ? (reference.path ?? reference.name) : 'space'],
      })
    results[name] = result
  }
  const { missing, own, ...others } = results
  if (reference.isNew && isPermitted) return
  for (const [name, { text }] of Object.entries(others))
    if (!isPermitted || !name.startsWith('own'))
      expect([path, reference.name, name, text]).toEqual([path, reference.name, name, missing?.text])
  // The caller's own object must give another reply: otherwise, equal replies for other objects would prove nothing.
  if (isPermitted && reference.own !== reference.missing) expect(own?.text).not.toBe(missing?.text)
}

/** Checks that the reply in a space of another user is the same as in an unknown space. */
async function trySpaces(path: string, input: unknown, { kind, headers }: TestCaller, permitted: Outcome) {
  const expected = permitted === 'OK' ? 'NOT_FOUND' : permitted
  const replies = new Set<string>()
  for (const space of [randomUUID(), victim.id]) {
    const { outcome, fields, text } = await call(path, input, { ...headers, [SPACE]: space })
    const about = { path, caller: kind.name, space }
    expect({ ...about, outcome }).toEqual({ ...about, outcome: expected })
    expect({ ...about, fields }).toEqual({ ...about, fields: expected === 'NOT_FOUND' ? ['space'] : [] })
    replies.add(text)
  }
  expect({ path, caller: kind.name, replies: [...replies] }).toMatchObject({ replies: [expect.anything()] })
}

test.each(rows.map(({ path, row }) => [path, row] as const))(
  '%s has the expected outcome for every kind of caller and object',
  async (path, row) => {
    const procedure = procedures.get(path)
    expect(procedure?.access).toBe(row.access)
    const results = await Promise.allSettled(
      testCallers.map(
        async (testCaller) =>
          await limited(async () => {
            const { kind, account, headers } = testCaller
            const outcome = kind.outcome(row.access)
            for (const reference of row.references) await tryReference(path, reference, testCaller, outcome)
            const validInput = await row.validInput(outcome === 'OK' ? account.create : async (of) => unknownOf(of))
            // A mutation id that the victim has used must make no difference.
            const input =
              procedure?.kind === 'mutation' ? Object.assign({ mutationId: usedIds.get(path) }, validInput) : validInput
            if (row.access.startsWith('tasks:') && !(SPACE in headers))
              await trySpaces(path, input, testCaller, outcome)
            const about = { path, caller: kind.name }
            expect({ ...about, ...(await call(path, input, headers)) }).toMatchObject({ ...about, outcome })
          }),
      ),
    )
    // Waits for all callers, so that none overlaps with the next procedure.
    for (const result of results) if (result.status === 'rejected') throw result.reason
  },
)

test.each(
  // A subscription cannot be in a batch. The caller here is a session, which cannot call users.*.
  rows
    .filter(({ path, row }) => procedures.get(path)?.kind !== 'subscription' && row.access !== 'users')
    .flatMap(({ path, row }) =>
      row.references
        .filter(({ isNew }) => isNew !== true)
        .map((reference) => [path, reference.name, reference] as const),
    ),
)('%s has the same outcomes in a batch, for the reference %s', async (path, _name, reference) => {
  const account = await createTestAccount(service, 'own')
  const headers = await (kinds[0] as CallerKind).headers(account)
  const { of } = reference
  const values = [unknownOf(of), victims[of] ?? '', unknownOf(of), await account.create(of)]
  const inputs = await Promise.all(values.map(async (value) => await reference.input(value, account.create)))
  const [missing, another, missing2, own] = await callBatch(path, inputs, headers)
  expect(missing?.outcome).toBe(reference.missing)
  expect(another?.text).toBe(missing?.text)
  expect(missing2?.text).toBe(missing?.text)
  expect(own?.outcome).toBe(reference.own ?? 'OK')
})

test('a restore brings back the account of the session from before', async () => {
  expect(await service.admin('select id from auth.users where id = $1', [restored.userId])).toEqual([
    { id: restored.userId },
  ])
})

test('no row of the other user has changed', async () => {
  expect(await hashRows(admin, victim.id)).toEqual(before)
})
