import { openDatabase } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { sweep } from './sweeper.ts'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'

const service = await startTestService()
const database = openDatabase({ address: service.database.app, max: 5, applicationName: 'taskwire-test' })
afterAll(async () => {
  await database.end()
  await service[Symbol.asyncDispose]()
})

const countRows = async (table: string): Promise<number> => {
  const [row] = await service.admin(`select count(*)::int as n from ${table}`)
  return Number(row?.['n'])
}

test('expired rows are deleted, however many there are, and others are kept', async () => {
  const { client, user } = await newCaller(service)
  const task = await client.tasks.create.mutate({ title: 'stays' })
  await service.admin(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
     select $1, 1000 + n, 1000 + n, now() - interval '91 days', 'user', 'update', 'task', $2, '{}' from generate_series(1, 12000) n`,
    [user.id, task.id],
  )
  await service.admin(
    `insert into auth.sessions (user_id, token_hash, expires_at) select $1, sha256('a'), now() - interval '1 second'`,
    [user.id],
  )
  await service.admin(
    `insert into tw.mutations (space_id, mutation_id, payload_hash, reply, revision, at)
     select $1, gen_random_uuid(), sha256(''), '{}', 1, now() - make_interval(hours => h) from unnest(array[23, 25, 29 * 24, 31 * 24]) h`,
    [user.id],
  )
  const [kept, recorded] = [await countRows('tw.changes'), await countRows('tw.mutations')]
  await sweep({ database, changesKeptDays: 90 })
  expect(await countRows('tw.changes')).toBe(kept - 12_000)
  expect(await countRows('tw.mutations')).toBe(recorded - 1)
  expect(await countRows(`tw.mutations where reply is null and at < now() - interval '24 hours'`)).toBe(2)
  expect(await countRows(`auth.sessions where expires_at < now()`)).toBe(0)
  expect((await client.changes.list.query({ after: 0 })).changes).toHaveLength(1)
  expect(await sweep({ database, changesKeptDays: 90 })).toBe(0)
})
