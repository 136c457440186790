import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from './caller-session.ts'
import { PATIENT } from './testing/index.ts'
import { addUser, durable, newMutation } from './testing/users.ts'
import { startProxiedServer, write } from './testing/proxied-server.ts'

const proxied = await startProxiedServer()
const { server, admin, ada, ben, open } = proxied
afterAll(() => proxied[Symbol.asyncDispose]())

describe('replays', () => {
  test('the same mutation id takes effect once and returns the same reply', async () => {
    await using database = open()
    const mutation = newMutation()
    const first = await write(database, ada.caller, mutation)
    expect(first.replayed).toBe(false)
    const { reply, revision } = first
    expect(JSON.parse(reply ?? '')).toMatchObject({ name: 'List', revision })
    await write(database, ada.caller)
    expect(await write(database, ada.caller, mutation)).toMatchObject({ reply, revision, replayed: true })
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  })

  test('sixteen concurrent calls with one mutation id take effect once', async () => {
    await using database = openDatabase({ address: server.app, max: 16, applicationName: 'test', ...PATIENT })
    const mutation = newMutation()
    const replies = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const { reply, replayed } = await write(database, ada.caller, mutation)
        return { reply, replayed }
      }),
    )
    expect(new Set(replies.map(({ reply }) => reply)).size).toBe(1)
    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  })

  test('a call after a replay is not a replay', async () => {
    await using database = open()
    const mutation = newMutation()
    await write(database, ada.caller, mutation)
    await write(database, ada.caller, mutation)
    expect((await write(database, ada.caller)).replayed).toBe(false)
    expect((await write(database, ben.caller, mutation)).replayed).toBe(false)
  })

  test('a mutation id that was used with another payload is refused', async () => {
    await using database = open()
    const mutation = newMutation('one')
    await write(database, ada.caller, mutation)
    const before = await durable(admin, ada)
    await expect(
      write(database, ada.caller, { id: mutation.id, payload: newMutation('two').payload }),
    ).rejects.toMatchObject({ fault: 'mutation_id_reused' })
    expect(await durable(admin, ada)).toEqual(before)
  })

  test('a mutation id that another account has used in the space is refused, though the payload is the same', async () => {
    await using database = open()
    const eve = await addUser(admin)
    for (const user of [ben.id, null]) {
      const mutation = newMutation()
      await admin`insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, reply, revision, at)
        values (${eve.id}, ${mutation.id}, ${user}, ${mutation.payload}, '{}', 0, now())`
      await expect(write(database, eve.caller, mutation)).rejects.toMatchObject({ fault: 'mutation_id_reused' })
    }
    expect(await admin`select from tw.lists where space_id = ${eve.id}`).toHaveLength(0)
  })

  test('a reply is null after more than a day, and the mutation does not take effect again', async () => {
    await using database = open()
    const mutation = newMutation()
    const { revision } = await write(database, ada.caller, mutation)
    await admin`update tw.mutations set at = at - interval '24 hours 1 second' where mutation_id = ${mutation.id}`
    expect(await write(database, ada.caller, mutation)).toMatchObject({ reply: null, revision, replayed: true })
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
  })
})
