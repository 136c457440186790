import { afterAll, describe, expect, test } from 'vitest'
import type { Caller, MutationIdentity } from '../caller.ts'
import { type Database } from '../caller-session.ts'
import type { MutationCall } from '../mutation.ts'
import { type Statement, statement, sql } from '../statement.ts'
import { doAnything, newList } from '../testing/mutations.ts'
import { durable, newMutation } from '../testing/users.ts'
import { createBrokenCalls } from '../testing/broken-calls.ts'
import { read } from '../testing/read.ts'

// Breaks calls in every known way. After each, another user's calls run on the same connections.

const calls = await createBrokenCalls()
afterAll(() => calls[Symbol.asyncDispose]())
const { admin, proxy, ada, prepared, nothingIsSpoilt } = calls

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

interface Asked {
  caller: Caller
  need: string
  statement: Statement
}
const askedOf = (caller = ada.caller): Asked => ({
  caller,
  need: 'tasks:read',
  statement: statement(sql`select ${'1'} as one, ${'2'} as two`),
})

// Forbidden by the types, but possible by mistake.
const nothing = undefined as unknown as string
const noBytes = undefined as unknown as Uint8Array
const callers: Record<string, (caller: Caller) => Caller> = {
  'the credential': (caller) => ({ ...caller, credential: noBytes }),
  'the space': (caller) => ({ ...caller, spaceId: nothing }),
  'the user that it acts for': (caller) => ({ ...caller, actingAs: nothing }),
}
const spoiltCalls: [string, () => Call][] = [
  ...Object.entries(callers).map(([name, spoil]): [string, () => Call] => [
    name,
    () => ({ ...addListCall(), caller: spoil(ada.caller) }),
  ]),
  ['the mutation id', () => ({ ...addListCall(), mutation: { ...newMutation(), id: nothing } })],
  ['the payload', () => ({ ...addListCall(), mutation: { ...newMutation(), payload: noBytes } })],
  ['the request id', () => ({ ...addListCall(), requestId: nothing })],
  ['an argument', () => ({ ...addListCall(), call: doAnything(nothing) })],
  ['the text', () => ({ ...addListCall(), call: { statement: () => ({ text: nothing, parameters: [] }) } })],
  ...[0, 3, -1].map((at): [string, () => Call] => [`parameter ${at}`, () => ({ ...addListCall(), call: byHand(at) })]),
]
const spoiltReads: [string, () => Asked][] = [
  ...Object.entries(callers).map(([name, spoil]): [string, () => Asked] => [name, () => askedOf(spoil(ada.caller))]),
  ['the scope', () => ({ ...askedOf(), need: nothing })],
  ['a parameter', () => ({ ...askedOf(), statement: { text: 'select $1 as one', parameters: [nothing] } })],
]
/** A mutation that creates a list. One parameter is set to undefined late, so that only the last check can find it. */
function byHand(at: number): MutationCall {
  const made = newList()
  return {
    statement(...given) {
      const { text, parameters } = made.statement(...given)
      return { text, parameters: parameters.with(at, nothing) }
    },
  }
}

describe.each(['fresh', 'warm'] as const)('on a %s connection', (state) => {
  test.each(spoiltCalls)('undefined as %s of a mutation throws before anything is sent', async (_, spoilt) => {
    await using database = await prepared(state)
    proxy.reset()
    const connection = proxy.connections.at(-1)
    const before = await durable(admin, ada)
    const refusal: unknown = await make(database, spoilt()).catch((error: unknown) => error)
    expect([refusal, refusal instanceof Error && refusal.cause]).toContainEqual(expect.any(TypeError))
    expect(await durable(admin, ada)).toEqual(before)
    // Nothing was sent, so the connection stays.
    if (state === 'warm') expect(proxy.roundTrips).toBe(0)
    await nothingIsSpoilt(database)
    if (state === 'warm') expect(proxy.connections.at(-1)).toBe(connection)
  })

  test.each(spoiltReads)('undefined as %s of a read throws before anything is sent', async (_, spoilt) => {
    await using database = await prepared(state)
    proxy.reset()
    const { caller, need, statement: asked } = spoilt()
    await expect(read(database, caller, need, asked)).rejects.toThrow()
    if (state === 'warm') expect(proxy.roundTrips).toBe(0)
    await nothingIsSpoilt(database)
  })
})
