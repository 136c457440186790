import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Caller, MutationIdentity } from '../caller.ts'
import { type Database } from '../caller-session.ts'
import type { MutationCall } from '../mutation.ts'
import { runStatement } from './run-statement.ts'
import type { PooledConnection } from './pooled-connection.ts'
import { PATIENT } from '../testing/index.ts'
import { doAnything, newList } from '../testing/mutations.ts'
import { durable, newMutation, stranger } from '../testing/users.ts'
import { createBrokenCalls, me } from '../testing/broken-calls.ts'

// Breaks calls in every known way. After each, another user's calls run on the same connections.

const calls = await createBrokenCalls()
afterAll(() => calls[Symbol.asyncDispose]())
const { server, admin, proxy, ada, ben, write, prepared, nothingIsSpoilt, resolves } = calls

interface Call {
  caller: Caller
  mutation: MutationIdentity
  requestId: string
  call: MutationCall
}
const addListCall = (): Call => ({
  caller: ada.caller,
  mutation: newMutation(),
  requestId: 'request',
  call: newList(),
})
const make = async (database: Database, { caller, mutation, requestId, call }: Call) =>
  await database.mutate(caller, mutation, requestId, call)

describe.each(['fresh', 'warm'] as const)('a failure on a %s connection', (state) => {
  describe('an error', () => {
    test.each<[string, string, () => Partial<Call>]>([
      ['the authentication', 'unauthenticated', () => ({ caller: stranger() })],
      ['the form of an argument', 'internal', () => ({ caller: { ...ada.caller, actingAs: 'nobody' } })],
      ['what the function does', 'constraint', () => ({ call: newList(' ') })],
      [
        'what the function does, half-way',
        'internal',
        () => ({ call: doAnything('update tw.spaces set revision = revision + 1; select 1 / 0') }),
      ],
      ['the commit', 'internal', () => ({ call: newList('fails at commit') })],
    ])('in %s', async (_, fault, different) => {
      await using database = await prepared(state)
      const before = await durable(admin, ada)
      await expect(make(database, { ...addListCall(), ...different() })).rejects.toMatchObject({ fault })
      expect(await durable(admin, ada)).toEqual(before)
      await nothingIsSpoilt(database)
    })

    test('for an unknown credential leaves nothing written', async () => {
      await using database = await prepared(state)
      const before = [await durable(admin, ada), await durable(admin, ben)]
      const call = make(database, { ...addListCall(), caller: stranger() })
      await expect(call).rejects.toMatchObject({ fault: 'unauthenticated' })
      await nothingIsSpoilt(database)
      expect([await durable(admin, ada), (await durable(admin, ben)).slice(0, -1)]).toEqual([
        [...(before[0] ?? []), expect.any(String)],
        before[1],
      ])
    })
  })

  describe('a backend killed', () => {
    test('before the statement is sent', async () => {
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

    test('while it waits for the lock', async () => {
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

    test('during the function', async () => {
      await using database = await prepared(state)
      const before = await durable(admin, ada)
      const killsItself = doAnything(`with counted as (update tw.spaces set revision = revision + 1 returning revision)
        select pg_terminate_backend(pg_backend_pid()) from counted`)
      const call = make(database, { ...addListCall(), call: killsItself })
      await expect(call).rejects.toMatchObject({ fault: 'unavailable' })
      expect(await durable(admin, ada)).toEqual(before)
      await nothingIsSpoilt(database)
    })

    test('at the commit', async () => {
      await using database = await prepared(state)
      const mutation = newMutation()
      await expect(write(database, mutation, 'dies at commit')).rejects.toMatchObject({ fault: 'unavailable' })
      expect(await durable(admin, ada)).not.toContain(mutation.id)
      await nothingIsSpoilt(database)
      await resolves(database, mutation)
    })
  })
})

test.each(['0A000', '26000', 'CONNECTION_CLOSED'])(
  'a statement that may have taken effect is not sent again: %s',
  async (code) => {
    const send = vi.fn<PooledConnection['send']>(
      async () => await Promise.reject(Object.assign(new Error(code), { code })),
    )
    const connection = { send, destroy: () => {} } as unknown as PooledConnection
    await expect(runStatement(connection, me)).rejects.toMatchObject({ fault: 'unavailable' })
    expect(send).toHaveBeenCalledOnce()
  },
)
