import { afterAll, describe, expect, test } from 'vitest'
import { doAnything } from '../testing/mutations.ts'
import { addUser, durable, newMutation } from '../testing/users.ts'
import { createBrokenCalls } from '../testing/broken-calls.ts'

// Breaks calls in every known way. After each, another user's calls run on the same connections.

const calls = await createBrokenCalls()
afterAll(() => calls[Symbol.asyncDispose]())
const { admin, proxy, ada, write, prepared, nothingIsSpoilt, resolves } = calls

describe.each(['fresh', 'warm'] as const)('the network of a %s connection', (state) => {
  // Cuts the connection at its first message, then at its second, and so on until the call succeeds.
  test.each([
    ['after each message to the server', (n: number) => proxy.breakAfterFrontend(n)],
    ['in place of each message of the server', (n: number) => proxy.breakBeforeBackend(n + 1, 'reset')],
  ])('cut %s', async (_, cut) => {
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
    // A mutation is durable if the server has received all of it, even without an answer; otherwise it never is.
    expect(outcomes).toMatch(/^-*\++$/)
    expect(outcomes.length).toBeGreaterThan(state === 'warm' ? 3 : 11)
  })
})

// Larger than a socket's buffer: when the connection is cut, only a part has been sent.
test('a mutation of a megabyte whose connection is cut instead of each server message', async () => {
  const call = doAnything(`select '${'x'.repeat(1_000_000)}'`)
  const eve = await addUser(admin)
  let outcomes = ''
  for (let n = 1; ; n++) {
    await using database = await prepared('warm')
    await database.mutate(eve.caller, newMutation(), 'request', call)
    const mutation = newMutation()
    proxy.breakBeforeBackend(n)
    const refusal = await database.mutate(eve.caller, mutation, 'request', call).then(
      () => null,
      (error: unknown) => error,
    )
    const broken = proxy.hasBroken
    proxy.resume()
    await nothingIsSpoilt(database)
    const written = (await admin`select from tw.mutations where mutation_id = ${mutation.id}`).length === 1
    if (!broken) {
      expect([refusal, written]).toEqual([null, true])
      break
    }
    expect(refusal).toMatchObject({ fault: 'unavailable' })
    outcomes += written ? '+' : '-'
  }
  expect(outcomes).toMatch(/^-*\++$/)
})
