import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createClient } from './connect.ts'
import { type Caller, type Database, type MutationRecord, openDatabase } from './door.ts'
import type { Sent, Slot } from './slot.ts'
import { prepare, type Statement, statement, sql } from './statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from './testing/index.ts'
import { addList, addUser, durable, newList, newMutation, type Person, stranger } from './testing/people.ts'
import { type Proxy, startProxy } from './testing/proxy.ts'
import { read } from './testing/read.ts'
import { BEGIN, COMMIT, transact } from './transaction.ts'

// Every way known to spoil the one send: after each, another user calls on the same connections.

const NOBODY = '00000000-0000-0000-0000-000000000000'

let server: TestDatabase
let admin: Sql
let proxy: Proxy
let ada: Person
let ben: Person
const acknowledged = new Set<string | null>()

beforeAll(async () => {
  server = await createTestDatabase()
  admin = createClient({ address: server.admin, applicationName: 'admin', max: 2 })
  proxy = await startProxy(server.app)
  ada = await addUser(admin)
  ben = await addUser(admin)
  // A list by one of these names fails, or kills its backend, in COMMIT.
  await admin.unsafe(`
    create function public.at_commit() returns trigger language plpgsql as $$
    begin
      if new.name = 'fails at commit' then perform 1 / 0; end if;
      perform pg_terminate_backend(pg_backend_pid());
      return null;
    end $$;
    create constraint trigger at_commit after insert on tw.lists deferrable initially deferred
      for each row when (new.name like '% at commit') execute function public.at_commit()`)
})
afterAll(async () => {
  await proxy.close()
  await admin.end()
  await server[Symbol.asyncDispose]()
})

const everything = statement(sql`select space_id from tw.lists`)
const me = statement(sql`select tw.space() as space, tw.account() as account, tw.live() as live`)

function open(): Database {
  return openDatabase({ address: { ...server.app, port: proxy.port }, max: 1, applicationName: 'test', ...PATIENT })
}

async function write(database: Database, mutation: MutationRecord, name = 'List', { caller } = ada): Promise<void> {
  await database.write(caller, 'tasks:write', mutation, addList.with(newList(mutation, name)))
  acknowledged.add(mutation.id)
}

/** A pool of one connection, which has served both kinds of call if it is to be warm. */
async function prepared(state: 'fresh' | 'warm'): Promise<Database> {
  const database = open()
  if (state === 'warm') {
    await read(database, ada.caller, 'tasks:read', everything)
    await write(database, newMutation())
  }
  return database
}

/** The next caller sees, and commits, nothing but their own; whatever was acknowledged is durable. */
async function nothingIsSpoilt(database: Database): Promise<void> {
  // What was cut may still be under way on the server.
  await proxy.settled()
  await database.pool.ready(PATIENT.waitMs)
  const before = await durable(admin, ada)
  expect(await database.query(me)).toEqual([{ space: NOBODY, account: NOBODY, live: true }])
  await write(database, newMutation(), 'List', ben)
  const { caller, rows } = await read(database, ben.caller, 'tasks:read', everything)
  expect(caller.userId).toBe(ben.id)
  expect(new Set(rows.map((row) => row['space_id']))).toEqual(new Set([ben.id]))
  expect(await durable(admin, ada)).toEqual(before)
  const kept = new Set([...before, ...(await durable(admin, ben))])
  expect([...acknowledged].filter((id) => id === null || !kept.has(id))).toEqual([])
  await write(database, newMutation())
}

/** Whatever became of it, the same mutation id brings it to one effect. */
async function resolves(database: Database, mutation: MutationRecord): Promise<void> {
  await write(database, mutation)
  expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
}

interface Call {
  caller: Caller
  need: string
  mutation: MutationRecord
  effect: Statement
}

function addListCall(mutation = newMutation(), name = 'List'): Call {
  return { caller: ada.caller, need: 'tasks:write', mutation, effect: addList.with(newList(mutation, name)) }
}

// What the types forbid and a mistake would bring.
const nothing = undefined as unknown as string
const byHand = (at: number) => (call: Call) => {
  const { text, parameters } = call.effect
  return { ...call, effect: { text, parameters: parameters.with(at, nothing) } }
}
const undefinedIn: Record<string, (call: Call) => Call> = {
  'the credential': (call) => ({ ...call, caller: { ...call.caller, credential: nothing as unknown as Uint8Array } }),
  'the scope': (call) => ({ ...call, need: nothing }),
  'the space': (call) => ({ ...call, caller: { ...call.caller, spaceId: nothing } }),
  'whom it acts for': (call) => ({ ...call, caller: { ...call.caller, actingAs: nothing } }),
  'the mutation id': (call) => ({ ...call, mutation: { ...call.mutation, id: nothing } }),
  'the payload': (call) => ({ ...call, mutation: { ...call.mutation, payload: nothing as unknown as Uint8Array } }),
  'a named parameter': (call) => ({ ...call, effect: addList.with({ ...newList(call.mutation), position: nothing }) }),
  'the first parameter': byHand(0),
  'the second parameter': byHand(1),
  'the third parameter': byHand(2),
  'the last parameter': byHand(3),
  'the text': (call) => ({ ...call, effect: { text: nothing, parameters: [] } }),
}

const enterWrite = prepare<'credential' | 'acting'>(
  (p) => sql`select user_id from tw.enter_write(null, ${p('credential')}, ${p('acting')}, 'tasks:write', null, null)`,
)
const entering = ({ credential } = ada.caller, acting: string | null = null): Statement =>
  enterWrite.with({ credential, acting })
const listOf = (name: string): Sent => addList.with(newList(newMutation(), name))

describe.each(['fresh', 'warm'] as const)('on a %s connection', (state) => {
  test.each(Object.keys(undefinedIn))('undefined as %s', async (position) => {
    await using database = await prepared(state)
    proxy.reset()
    const connection = proxy.connections.at(-1)
    const before = await durable(admin, ada)
    const spoilt = async (): Promise<Call> => undefinedIn[position]?.(addListCall()) ?? addListCall()
    const writing = spoilt().then((call) => database.write(call.caller, call.need, call.mutation, call.effect))
    await expect(writing).rejects.toThrow()
    expect(await durable(admin, ada)).toEqual(before)
    // Refused before the first byte, so that not even the connection is lost.
    if (state === 'warm') expect(proxy.roundTrips).toBe(0)
    await nothingIsSpoilt(database)
    if (state === 'warm') expect(proxy.connections.at(-1)).toBe(connection)
    if (position === 'the mutation id' || position === 'the payload') return
    const reading = spoilt().then((call) => read(database, call.caller, call.need, call.effect))
    await expect(reading).rejects.toThrow()
    expect((await durable(admin, ada)).slice(0, before.length)).toEqual(before)
    await nothingIsSpoilt(database)
  })

  describe('an error', () => {
    // Sent as the door does it, with each statement in its turn replaced by one that fails.
    test.each([
      [
        'BEGIN',
        'internal',
        () => [{ ...BEGIN, text: 'begin isolation level none' }, entering(), listOf('List'), COMMIT],
      ],
      ['entering', 'unauthenticated', () => [BEGIN, entering(stranger()), listOf('List'), COMMIT]],
      ['entering, by its form', 'internal', () => [BEGIN, entering(ada.caller, 'nobody'), listOf('List'), COMMIT]],
      ['the statement', 'constraint', () => [BEGIN, entering(), listOf(' '), COMMIT]],
      ['COMMIT', 'internal', () => [BEGIN, entering(), listOf('fails at commit'), COMMIT]],
      ['COMMIT, by its form', 'internal', () => [BEGIN, entering(), listOf('List'), { ...COMMIT, text: 'comit' }]],
    ] satisfies [string, string, () => Sent[]][])('in %s', async (_, fault, statements) => {
      await using database = await prepared(state)
      const before = await durable(admin, ada)
      const call = database.pool.use(PATIENT.deadlineMs, async (slot) => await transact(slot, statements()))
      await expect(call).rejects.toMatchObject({ fault })
      expect(await durable(admin, ada)).toEqual(before)
      await nothingIsSpoilt(database)
    })

    test('that an unknown credential is writes nothing anywhere', async () => {
      await using database = await prepared(state)
      const before = [await durable(admin, ada), await durable(admin, ben)]
      const call = { ...addListCall(), caller: stranger() }
      await expect(database.write(call.caller, call.need, call.mutation, call.effect)).rejects.toMatchObject({
        fault: 'unauthenticated',
      })
      await nothingIsSpoilt(database)
      expect([await durable(admin, ada), (await durable(admin, ben)).slice(0, -1)]).toEqual([
        [...(before[0] ?? []), expect.any(String)],
        before[1],
      ])
    })
  })

  describe('a killed backend', () => {
    test('before BEGIN', async () => {
      await using database = await prepared(state)
      await database.pool.ready(PATIENT.waitMs)
      proxy.blackHole()
      const mutation = newMutation()
      const call = write(database, mutation)
      await admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'taskwire_app' and datname = ${server.name}`
      proxy.resume()
      await expect(call).rejects.toMatchObject({ fault: 'unavailable' })
      expect(await durable(admin, ada)).not.toContain(mutation.id)
      await nothingIsSpoilt(database)
      await resolves(database, mutation)
    })

    test('while entering', async () => {
      await using database = await prepared(state)
      const mutation = newMutation()
      await admin.begin(async (holder) => {
        await holder`select from tw.spaces where id = ${ada.id} for update`
        const call = write(database, mutation)
        const killed = async (): Promise<boolean> =>
          (
            await admin`select pg_terminate_backend(pid) from pg_stat_activity
            where usename = 'taskwire_app' and datname = ${server.name} and wait_event_type = 'Lock'`
          ).length > 0
        while (!(await killed()));
        await expect(call).rejects.toMatchObject({ fault: 'unavailable' })
      })
      expect(await durable(admin, ada)).not.toContain(mutation.id)
      await nothingIsSpoilt(database)
      await resolves(database, mutation)
    })

    test('in the statement', async () => {
      await using database = await prepared(state)
      const before = await durable(admin, ada)
      const mutation = newMutation()
      const suicide = statement(sql`with counted as (update tw.spaces set revision = revision + 1 returning revision)
        select pg_terminate_backend(pg_backend_pid()) from counted`)
      await expect(database.write(ada.caller, 'tasks:write', mutation, suicide)).rejects.toMatchObject({
        fault: 'unavailable',
      })
      expect(await durable(admin, ada)).toEqual(before)
      await nothingIsSpoilt(database)
    })

    test('in COMMIT', async () => {
      await using database = await prepared(state)
      const mutation = newMutation()
      await expect(write(database, mutation, 'dies at commit')).rejects.toMatchObject({ fault: 'unavailable' })
      expect(await durable(admin, ada)).not.toContain(mutation.id)
      await nothingIsSpoilt(database)
      await resolves(database, mutation)
    })
  })

  // From the first message on, of the connection's opening too, up to where the call goes through.
  test.each([
    ['after each message to the server', (n: number) => proxy.breakAfterFrontend(n)],
    ['in place of each message of the server', (n: number) => proxy.breakBeforeBackend(n + 1, 'reset')],
  ])('the connection cut %s', async (_, cut) => {
    let outcomes = ''
    for (let n = 0; ; n++) {
      await using database = await prepared(state)
      const mutation = newMutation()
      cut(n)
      const refusal = await write(database, mutation).then(
        () => null,
        (error: unknown) => error,
      )
      if (!proxy.hasBroken) {
        proxy.resume()
        expect(refusal).toBeNull()
        break
      }
      expect(refusal).toMatchObject({ fault: 'unavailable' })
      await nothingIsSpoilt(database)
      outcomes += (await durable(admin, ada)).includes(mutation.id ?? '') ? '+' : '-'
      await resolves(database, mutation)
    }
    // Once the server has COMMIT it is durable, though nobody was told; before that it never is.
    expect(outcomes).toMatch(/^-*\++$/)
    expect(outcomes.length).toBeGreaterThan(state === 'warm' ? 7 : 20)
  })
})

// More than a socket's buffer: the driver would keep COMMIT back, and send it on whatever connection comes next.
test('a send of a megabyte, cut in place of each message of the server', async () => {
  const long = statement(sql`select length(${'x'.repeat(1_000_000)})`)
  let outcomes = ''
  for (let n = 1; ; n++) {
    await using database = await prepared('warm')
    await database.query(long)
    const mutation = newMutation()
    const effect = addList.with(newList(mutation))
    proxy.breakBeforeBackend(n)
    const call = database.pool.use(
      PATIENT.deadlineMs,
      async (slot) => await transact(slot, [BEGIN, entering(), effect, long, COMMIT]),
    )
    const refusal = await call.then(
      () => null,
      (error: unknown) => error,
    )
    const broken = proxy.hasBroken
    proxy.resume()
    await nothingIsSpoilt(database)
    const written = (await durable(admin, ada)).includes(mutation.id ?? '')
    if (!broken) {
      expect([refusal, written]).toEqual([null, true])
      break
    }
    expect(refusal).toMatchObject({ fault: 'unavailable' })
    outcomes += written ? '+' : '-'
  }
  expect(outcomes).toMatch(/^-*\++$/)
})

test('COMMIT that ends with ROLLBACK is a failure, though no statement was refused', async () => {
  const ok = (command: string): PromiseSettledResult<{ rows: never[]; command: string }> => ({
    status: 'fulfilled',
    value: { rows: [], command },
  })
  const slot = {
    send: async () => [ok('BEGIN'), ok('SELECT'), ok('INSERT'), ok('ROLLBACK')],
    isPrepared: () => true,
  } as unknown as Slot
  await expect(transact(slot, [])).rejects.toMatchObject({ fault: 'unavailable' })
})

test('what may have been done is not sent again, though a plan had gone stale', async () => {
  const failed = (code: string): PromiseSettledResult<never> => ({
    status: 'rejected',
    reason: Object.assign(new Error(code), { code }),
  })
  const send = vi.fn<Slot['send']>(async () => [failed('0A000'), failed('CONNECTION_CLOSED')])
  const slot = { send, isPrepared: () => false, destroy: () => {} } as unknown as Slot
  const call = transact(slot, [{ text: 'insert', parameters: [] }, COMMIT])
  await expect(call).rejects.toMatchObject({ fault: 'unavailable' })
  expect(send).toHaveBeenCalledOnce()
})

describe('a plan that has gone stale', () => {
  test('is made anew, and its statement never runs outside of its transaction', async () => {
    await using database = await prepared('warm')
    const all = statement(sql`select * from public.growing`)
    await admin.unsafe(`create table public.growing (who uuid default tw.space()); grant all on public.growing to taskwire_app;
      insert into public.growing values (null)`)
    expect((await read(database, ada.caller, 'tasks:read', all)).rows).toEqual([{ who: null }])
    await admin`alter table public.growing add column more int`
    expect((await read(database, ada.caller, 'tasks:read', all)).rows).toEqual([{ who: null, more: null }])

    const add = statement(sql`insert into public.growing (more) values (1) returning *`)
    await database.write(ada.caller, 'tasks:write', newMutation(), add)
    await admin`alter table public.growing add column yet_more int`
    await database.write(ada.caller, 'tasks:write', newMutation(), add)
    // One row of each call, both as Ada: the failed try has left none, as her or as nobody.
    expect(await admin`select who from public.growing where more = 1`).toEqual([{ who: ada.id }, { who: ada.id }])
    await nothingIsSpoilt(database)
  })

  test("of a statement of nobody's is made anew too, and has its effect once", async () => {
    await using database = await prepared('warm')
    await admin.unsafe('create table public.counted (n int); grant all on public.counted to taskwire_app')
    const add = statement(sql`insert into public.counted values (1) returning *`)
    expect(await database.query(add)).toEqual([{ n: 1 }])
    await admin`alter table public.counted add column m int`
    expect(await database.query(add)).toEqual([{ n: 1, m: null }])
    expect(await admin`select n from public.counted`).toHaveLength(2)
    await nothingIsSpoilt(database)
  })

  test('of every statement at once, as behind a pooler that keeps none', async () => {
    await using database = await prepared('warm')
    const forget = statement(sql`deallocate all`)
    await database.query(forget)
    const mutation = newMutation()
    await write(database, mutation)
    expect(await durable(admin, ada)).toContain(mutation.id)
    await nothingIsSpoilt(database)
  })
})
