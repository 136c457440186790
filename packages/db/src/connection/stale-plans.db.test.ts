import { afterAll, describe, expect, test } from 'vitest'
import { statement, sql } from '../statement.ts'
import { newList } from '../testing/mutations.ts'
import { durable, newMutation } from '../testing/users.ts'
import { createBrokenCalls } from '../testing/broken-calls.ts'
import { read } from '../testing/read.ts'

// Breaks calls in every known way. After each, another user's calls run on the same connections.

const calls = await createBrokenCalls()
afterAll(() => calls[Symbol.asyncDispose]())
const { admin, ada, prepared, nothingIsSpoilt } = calls

describe('a stale plan', () => {
  test('of a read is planned again', async () => {
    await using database = await prepared('warm')
    const all = statement(sql`select * from public.growing`)
    await admin.unsafe(`create table public.growing (who uuid default tw.space()); grant all on public.growing to taskwire_app;
      insert into public.growing values (null)`)
    expect((await read(database, ada.caller, 'tasks:read', all)).rows).toEqual([{ who: null }])
    await admin`alter table public.growing add column more int`
    expect((await read(database, ada.caller, 'tasks:read', all)).rows).toEqual([{ who: null, more: null }])
    await nothingIsSpoilt(database)
  })

  test('of a statement without a caller is planned again, and the statement takes effect once', async () => {
    await using database = await prepared('warm')
    await admin.unsafe('create table public.counted (n int); grant all on public.counted to taskwire_app')
    const add = statement(sql`insert into public.counted values (1) returning *`)
    expect(await database.query(add)).toEqual([{ n: 1 }])
    await admin`alter table public.counted add column m int`
    expect(await database.query(add)).toEqual([{ n: 1, m: null }])
    expect(await admin`select n from public.counted`).toHaveLength(2)
    await nothingIsSpoilt(database)
  })

  test('is planned again when all prepared statements are gone, as with a pooler that keeps none', async () => {
    await using database = await prepared('warm')
    const forget = statement(sql`deallocate all`)
    await database.query(forget)
    const mutation = newMutation()
    const answer = await database.mutate(ada.caller, mutation, 'request', newList())
    expect(answer).toMatchObject({ outcome: 'ok', replayed: false })
    expect((await durable(admin, ada)).filter((id) => id === mutation.id)).toHaveLength(1)
    await nothingIsSpoilt(database)
  })
})
