import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '@taskwire/db/testing'
import { expect, test } from 'vitest'
import { type Caller, callerOf, newCaller } from '../../testing/caller.ts'
import { rowsRead } from '../../testing/rows-read.ts'
import { startTestService, type TestService } from '../../testing/service.ts'

// How many rows a history reads in a long log, whatever the statistics say.

const CHANGES = 20_000
/** Every so many Changes, one is of the entity. */
const EVERY = 100
const PAGE = 5

/** Fills the log of a caller. The Changes that are not of the entity are of one task each. */
async function insertChanges(service: TestService, { user }: Caller, entityId: string): Promise<void> {
  await service.admin(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, before, after)
     select $1, n, n, now(), 'user', 'update', 'task', case when n % $4::int = 0 then $2::uuid else gen_random_uuid() end, '{}', '{}'
     from generate_series(1, $3::int) n`,
    [user.id, entityId, CHANGES, EVERY],
  )
  await service.admin('update tw.spaces set revision = $2 where id = $1', [user.id, CHANGES])
}

test.each([
  ['no statistics', async () => {}],
  ['statistics of an empty log', async (service: TestService) => void (await service.admin('analyze'))],
  [
    'statistics of a log of one task',
    async (service: TestService) => {
      const { client } = await newCaller(service)
      const { id } = await client.tasks.create.mutate({ title: 'one' })
      for (let nr = 0; nr < 50; nr++) await client.tasks.update.mutate({ id, changes: { title: `${nr}` } })
      await service.admin('analyze')
    },
  ],
  [
    'statistics of a long log',
    async (service: TestService) => {
      await insertChanges(service, await newCaller(service), randomUUID())
      await service.admin('analyze')
    },
  ],
])('with %s, a page of a long history reads its own Changes only', async (_, prepare) => {
  await using database = await createTestDatabase()
  await using observer = await startTestService({ database })
  await prepare(observer)
  const caller = await newCaller(observer)
  const entityId = randomUUID()
  await insertChanges(observer, caller, entityId)
  const before = await rowsRead(observer)
  const starts = [0, 1, CHANGES / 2, CHANGES - 2 * EVERY, CHANGES]
  {
    await using service = await startTestService({ database })
    const { client } = callerOf(service, caller.user)
    for (const after of starts) {
      const { changes } = await client.changes.list.query({ after, limit: PAGE, entityId })
      expect(changes).toHaveLength(Math.min(PAGE, Math.floor((CHANGES - after) / EVERY)))
    }
  }
  expect((await rowsRead(observer)) - before).toBeLessThan(starts.length * (PAGE + 5))
})
