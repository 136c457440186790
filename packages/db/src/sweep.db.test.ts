import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { actInNewSpace, connectLogins } from './testing/logins.ts'

const logins = await connectLogins()
const { admin, app } = logins
afterAll(() => logins[Symbol.asyncDispose]())

describe('sweep()', () => {
  interface Kept {
    replies: number
    records: number
    changes: number
    sessions: number
  }
  const kept = async (space: string): Promise<Kept | undefined> => {
    const [row] = await admin<Kept[]>`select
      (select count(*)::int from tw.mutations where space_id = ${space} and reply is not null) as replies,
      (select count(*)::int from tw.mutations where space_id = ${space}) as records,
      (select count(*)::int from tw.changes where space_id = ${space}) as changes,
      (select count(*)::int from auth.sessions where user_id = ${space}) as sessions`
    return row
  }
  const sweep = async (days: number | null, most: number | null): Promise<number> => {
    const [row] = await app<{ n: string }[]>`select tw.sweep(${days}, ${most}) n`
    return Number(row?.n)
  }

  test('deletes exactly the rows past their retention, in batches; also after a long pause', async () => {
    await admin`truncate tw.mutations, tw.changes, auth.sessions`
    const space = await actInNewSpace(logins)
    const hours = [0, 23.9, 24.1, 26, 100, 700, 719, 721, 2000, 2159, 2161, 5000]
    for (const [i, h] of hours.entries()) {
      const at = new Date(Date.now() - h * 3_600_000).toISOString()
      await admin`insert into tw.mutations (space_id, mutation_id, payload_hash, reply, revision, at) values (${space}, ${randomUUID()}, sha256('x'), '{}', 1, ${at})`
      await admin`insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after) values (${space}, ${i + 1}, ${i + 1}, ${at}, 'user', 'create', 'task', ${randomUUID()}, '{}')`
    }
    for (const minutes of [-1, 1, -100, 100])
      await admin`insert into auth.sessions (user_id, token_hash, expires_at) values (${space}, sha256(${`${minutes}`}::text::bytea), now() + make_interval(mins => ${minutes}))`
    expect(await sweep(90, 2)).toBe(2 + 2 + 2 + 2)
    expect(await kept(space)).toEqual({ replies: 8, records: 10, changes: 10, sessions: 2 })
    let dropped = 0
    for (let n = 1; n > 0; dropped += n) n = await sweep(90, 2)
    expect(await kept(space)).toEqual({ replies: 2, records: 7, changes: 10, sessions: 2 })
    expect(dropped).toBe(6 + 3)
    // Never less than 30 days, whatever the argument.
    expect(await sweep(1, 100)).toBe(3)
    expect(await kept(space)).toEqual({ replies: 2, records: 7, changes: 7, sessions: 2 })
    expect(await sweep(null, null)).toBe(0)
  })

  test('skips rows that another transaction has locked', async () => {
    await admin`truncate tw.mutations, tw.changes, auth.sessions`
    const space = await actInNewSpace(logins)
    await admin`insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
      select ${space}, i, i, now() - interval '1 year', 'user', 'create', 'task', gen_random_uuid(), '{}' from generate_series(1, 3) i`
    await admin.unsafe(`begin; select from tw.changes where space_id = '${space}' and revision = 2 for update`)
    expect(await sweep(90, 100)).toBe(2)
    await admin.unsafe('rollback')
    expect(await sweep(90, 100)).toBe(1)
  })
})
