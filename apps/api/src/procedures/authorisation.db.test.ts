import { randomUUID } from 'node:crypto'
import { type AnyProcedure, contract } from '@taskwire/contract'
import { createClient } from '@taskwire/db'
import { hashRows } from '@taskwire/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openRawStream } from '../testing/streams.ts'
import { checkAnswer } from '../testing/check-reply.ts'
import { startTestService } from '../testing/service.ts'
import { type Kind, matrix, type Outcome, type Place, type Row } from '../testing/authorisation/matrix.ts'
import { createRestoredDatabase } from '../testing/authorisation/restored.ts'
import { addPerson, type CallerKind, callerKinds, missing, type Person } from '../testing/authorisation/callers.ts'

/** Every procedure by every kind of caller on every kind of object. */
const restored = await createRestoredDatabase()
const service = await startTestService({ database: restored.database })
const kinds = callerKinds(service, restored.session)
const admin = createClient({ address: service.database.admin, applicationName: 'taskwire-test' })
afterAll(async () => {
  await admin.end()
  await service[Symbol.asyncDispose]()
  await restored.database[Symbol.asyncDispose]()
})

const CANARY = `canary${randomUUID().replaceAll('-', '')}`
let victim: Person
/** Of the victim's, by kind; those of tasks are one that is live and one in the trash. */
const theirs: Record<string, string> = {}
/** Mutation ids that the victim has used, one for each procedure. */
const usedIds = new Map<string, string>()
/** Ids of somebody's, which others take for things of their own: each once. */
const lent: { task: string[]; list: string[] } = { task: [], list: [] }
let before: Record<string, string>

interface Party {
  kind: CallerKind
  person: Person
  headers: Record<string, string>
}
let parties: Party[]

async function makeParty(kind: CallerKind): Promise<Party> {
  const person = await addPerson(service, 'own')
  return { kind, person, headers: await kind.headers(person) }
}

beforeAll(async () => {
  victim = await addPerson(service, CANARY)
  for (const kind of new Set(rows.flatMap(({ row }) => row.places.map(({ of }) => of))))
    if (kind !== 'commit') theirs[kind] = await victim.own(kind)
  theirs['trashed'] = await victim.trashed()
  // A revision that nobody else reaches.
  await service.admin('update tw.spaces set revision = 5000000 where id = $1', [victim.id])
  theirs['commit'] = await victim.own('commit')
  for (const { path } of rows) {
    const mutationId = randomUUID()
    await victim.client.tasks.create.mutate({ title: CANARY, mutationId })
    usedIds.set(path, mutationId)
  }
  // Before the others call: one user's writes wait for each other, and not for ever.
  const lender = await addPerson(service, 'lender')
  const { tasks } = await lender.client.tasks.createMany.mutate({
    tasks: Array.from({ length: 100 }, () => ({ title: 'lent' })),
  })
  lent.task = tasks.map(({ id }) => id)
  for (let made = 0; made < 30; made++) lent.list.push(await lender.own('list'))
  before = await hashRows(admin, victim.id)
  parties = await Promise.all(kinds.map(makeParty))
})

interface Called {
  outcome: string
  /** The paths that a refusal names. */
  fields: string[]
  /** The whole answer; the request's id is the same for all. */
  text: string
}

const requestId = { 'x-request-id': 'the-same' }
const SPACE = 'x-taskwire-space'

async function send(paths: readonly string[], inputs: readonly unknown[], headers: Record<string, string>) {
  const [path = ''] = paths
  const batch = paths.length > 1
  const kind = procedures.get(path)?.kind
  if (kind === 'subscription') return await open(path, inputs[0], headers)
  const query = kind === 'query'
  const sent = JSON.stringify(batch ? Object.assign({}, inputs) : inputs[0])
  const search = new URLSearchParams({ ...(batch && { batch: '1' }), ...(query && { input: sent }) })
  const response = await fetch(`${service.url}/trpc/${paths.join(',')}?${search.toString()}`, {
    method: query ? 'GET' : 'POST',
    headers: { ...headers, ...requestId, 'content-type': 'application/json' },
    ...(query ? {} : { body: sent }),
  })
  return await response.text()
}

/** The first item of a stream, or its refusal, in the form of an answer. */
async function open(path: string, input: unknown, headers: Record<string, string>): Promise<string> {
  using stream = await openRawStream(service.url, { ...headers, ...requestId }, input, path)
  // Without a credential no stream is opened.
  if (stream.status !== 200) {
    await stream.ended
    return stream.text()
  }
  await stream.next('connected')
  const { event, data } = await stream.next()
  return JSON.stringify(event === 'message' ? { result: { data } } : { error: data })
}

function judged(path: string, text: string): Called {
  expect(text).not.toContain(CANARY)
  const { error } = checkAnswer(path, JSON.parse(text))
  return { outcome: error?.data.appCode ?? 'OK', fields: (error?.data.fields ?? []).map(({ path }) => path), text }
}

async function call(path: string, input: unknown, headers: Record<string, string>): Promise<Called> {
  return judged(path, await send([path], [input], headers))
}

/** The same calls in one request. */
async function batch(path: string, inputs: readonly unknown[], headers: Record<string, string>): Promise<Called[]> {
  const answers = JSON.parse(
    await send(
      inputs.map(() => path),
      inputs,
      headers,
    ),
  ) as unknown[]
  return answers.map((answer) => judged(path, JSON.stringify(answer)))
}

const procedures = new Map<string, AnyProcedure>(
  Object.entries(contract).flatMap(([namespace, verbs]) =>
    Object.entries<AnyProcedure>(verbs).map(([verb, procedure]) => [`${namespace}.${verb}`, procedure] as const),
  ),
)
const rows = Object.entries(matrix)
  .flatMap(([namespace, verbs]) =>
    Object.entries(verbs).map(([verb, row]) => ({ path: `${namespace}.${verb}`, row: row as Row<unknown> })),
  )
  // Last, since it ends the sessions of whoever may.
  .toSorted((a, b) => Number(a.path === 'me.delete') - Number(b.path === 'me.delete'))

test('every procedure of the contract has a row, and no other', () => {
  expect(rows.map(({ path }) => path).toSorted()).toEqual([...procedures.keys()].toSorted())
})

/** The names of the fields that hold an id or a cursor, wherever they stand in a schema. */
function namingFields(schema: unknown, field = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { format, properties } = schema as { format?: unknown; properties?: Record<string, unknown> }
  const here = format === 'uuid' || field === 'cursor' ? [field] : []
  const below = Object.entries(properties ?? {}).flatMap(([name, one]) => namingFields(one, name))
  const others = Object.entries(schema).filter(([key]) => key !== 'properties')
  return [...here, ...below, ...others.flatMap(([, one]) => namingFields(one, field))]
}

test.each(rows.map(({ path, row }) => [path, row] as const))('%s: each id of its input has a place', (path, row) => {
  const schema = z.toJSONSchema(procedures.get(path)?.input ?? z.never(), { io: 'input' })
  const fields = new Set(namingFields(schema))
  fields.delete('mutationId')
  const named = row.places.flatMap(({ name }) => name.split(/[^a-zA-Z]+/))
  expect([...fields].filter((field) => !named.includes(field))).toEqual([])
})

/** Names nothing of anybody's; a cursor is one of nobody's that is right otherwise. */
function nothing(of: Kind): string {
  if (!of.startsWith('cursor')) return missing(of)
  const text = Buffer.from(theirs[of] ?? '', 'base64url').toString()
  return Buffer.from(text.replace(victim.id, randomUUID())).toString('base64url')
}

/** What stands in a place for each kind of object, and how a call of one who may ends. */
async function objects(place: Place<unknown>, { own, trashed, purged }: Person, made: boolean) {
  const { of, missing: none, own: ownEnds = 'OK', trashed: trashedEnds = 'OK', fresh = false } = place
  const task = of === 'task'
  // Whoever is refused has no need of things of their own, and may have no account any more.
  const make = async (maker: () => Promise<string>): Promise<string> => (made ? await maker() : nothing(of))
  return [
    { name: 'own', named: await make(async () => await own(of)), ends: ownEnds },
    ...(task ? [{ name: 'own in the trash', named: await make(trashed), ends: trashedEnds }] : []),
    { name: 'missing', named: nothing(of), ends: none },
    {
      name: "another's",
      named: (fresh && made ? lent[of === 'list' ? 'list' : 'task'].pop() : theirs[of]) ?? '',
      ends: none,
    },
    ...(task && !fresh ? [{ name: "another's in the trash", named: theirs['trashed'] ?? '', ends: none }] : []),
    ...(task && !fresh ? [{ name: 'purged', named: await make(purged), ends: none }] : []),
  ]
}

async function tryPlace(path: string, place: Place<unknown>, { kind, person, headers }: Party, ends: Outcome) {
  const told: Record<string, Called> = {}
  for (const { name, named, ends: wanted } of await objects(place, person, ends === 'OK')) {
    const own = ends === 'OK' ? person.own : async (kind: Kind) => nothing(kind)
    const called = await call(path, await place.input(named, own), headers)
    const what = { path, place: place.name, caller: kind.name, object: name }
    expect({ ...what, outcome: called.outcome }).toEqual({ ...what, outcome: ends === 'OK' ? wanted : ends })
    // Which id of the input it is that names nothing, or that the space does.
    if (called.outcome === 'NOT_FOUND')
      expect({ ...what, fields: called.fields }).toEqual({
        ...what,
        fields: [ends === 'OK' ? (place.path ?? place.name) : 'space'],
      })
    told[name] = called
  }
  const { missing: none, own: mine, ...others } = told
  if (place.fresh && ends === 'OK') return
  for (const [name, { text }] of Object.entries(others))
    if (ends !== 'OK' || !name.startsWith('own'))
      expect([path, place.name, name, text]).toEqual([path, place.name, name, none?.text])
  // Where nothing is refused, what is the caller's own shows in the answer, or this would tell nothing.
  if (ends === 'OK') expect(mine?.text).not.toBe(none?.text)
}

/** In a space that is not the caller's a call ends as in one that does not exist, byte for byte. */
async function trySpaces(path: string, input: unknown, { kind, headers }: Party, ends: Outcome) {
  const wanted = ends === 'OK' ? 'NOT_FOUND' : ends
  const told = new Set<string>()
  for (const space of [randomUUID(), victim.id]) {
    const { outcome, fields, text } = await call(path, input, { ...headers, [SPACE]: space })
    const what = { path, caller: kind.name, space }
    expect({ ...what, outcome }).toEqual({ ...what, outcome: wanted })
    expect({ ...what, fields }).toEqual({ ...what, fields: wanted === 'NOT_FOUND' ? ['space'] : [] })
    told.add(text)
  }
  expect({ path, caller: kind.name, answers: [...told] }).toMatchObject({ answers: [expect.anything()] })
}

test.each(rows.map(({ path, row }) => [path, row] as const))('%s', async (path, row) => {
  const procedure = procedures.get(path)
  expect(procedure?.access).toBe(row.access)
  const told = await Promise.allSettled(
    parties.map(async (party) => {
      const { kind, person, headers } = party
      const ends = kind.may(row.access)
      for (const place of row.places) await tryPlace(path, place, party, ends)
      const plain = await row.plain(ends === 'OK' ? person.own : async (kind) => nothing(kind))
      // What another has asked by this id is nothing to this caller.
      const input = procedure?.kind === 'mutation' ? Object.assign({ mutationId: usedIds.get(path) }, plain) : plain
      if (row.access.startsWith('tasks:') && !(SPACE in headers)) await trySpaces(path, input, party, ends)
      const what = { path, caller: kind.name }
      expect({ ...what, ...(await call(path, input, headers)) }).toMatchObject({ ...what, outcome: ends })
    }),
  )
  // All of them have ended: none meets the next procedure.
  for (const one of told) if (one.status === 'rejected') throw one.reason
})

test.each(
  // A subscription goes in no batch.
  rows
    .filter(({ path }) => procedures.get(path)?.kind !== 'subscription')
    .flatMap(({ path, row }) =>
      row.places.filter(({ fresh }) => fresh !== true).map((place) => [path, place.name, place] as const),
    ),
)('%s in a batch, %s', async (path, _name, place) => {
  const person = await addPerson(service, 'own')
  const headers = await (kinds[0] as CallerKind).headers(person)
  const named = [nothing(place.of), theirs[place.of] ?? '', nothing(place.of), await person.own(place.of)]
  const inputs = await Promise.all(named.map(async (one) => await place.input(one, person.own)))
  const [none, another, none2, mine] = await batch(path, inputs, headers)
  expect(none?.outcome).toBe(place.missing)
  expect(another?.text).toBe(none?.text)
  expect(none2?.text).toBe(none?.text)
  expect(mine?.outcome).toBe(place.own ?? 'OK')
})

test('the account of the session of before a restore came back', async () => {
  expect(await service.admin('select id from auth.users where id = $1', [restored.userId])).toEqual([
    { id: restored.userId },
  ])
})

test('nothing of the other user has changed', async () => {
  expect(await hashRows(admin, victim.id)).toEqual(before)
})
