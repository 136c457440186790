import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { expect, test } from 'vitest'
import { startEmbedded } from './embedded.ts'
import { signUpAt, startServiceProcess, temporaryDirectory } from '../testing/process.ts'

test('a thousand refused calls add little to the log of the embedded PostgreSQL, and no user data', async () => {
  await using directory = await temporaryDirectory()
  const TASKWIRE_DIRECTORY = directory.path
  await using main = startServiceProcess({
    cwd: TASKWIRE_DIRECTORY,
    env: { TASKWIRE_DIRECTORY, RATE_LIMIT_PER_MINUTE: '10000' },
  })
  const url = await main.url()
  const { token } = await signUpAt(url)
  const log = join(TASKWIRE_DIRECTORY, 'postgres.log')
  const before = (await stat(log)).size

  const stranger = createClient({ url, token: 'unknown', retry: { attempts: 5 } })
  const client = createClient({ url, token, retry: { attempts: 5 } })
  const refused = async (call: Promise<unknown>, appCode: string): Promise<void> => {
    await expect(call).rejects.toMatchObject({ data: { appCode } })
  }
  // These calls are refused by errors that SQL functions raise.
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(Array.from({ length: 50 }, () => refused(stranger.tasks.list.query({}), 'UNAUTHENTICATED')))
    await Promise.all(
      Array.from({ length: 50 }, () =>
        refused(client.tasks.create.mutate({ title: 'planted title', listId: randomUUID() }), 'NOT_FOUND'),
      ),
    )
  }
  // PostgreSQL's own error messages quote the input, whatever its settings are.
  const { app, auth, owner } = await startEmbedded(TASKWIRE_DIRECTORY, () => {})
  for (const address of [app, auth, owner]) {
    await using connection = await connectOnce({ address, applicationName: 'test' })
    await expect(connection.sql`select ${'planted value'}::text::uuid`).rejects.toThrow('planted value')
  }

  const text = await readFile(log, 'utf8')
  expect(text).not.toContain('planted')
  expect((await stat(log)).size - before).toBeLessThan(10_000)
})
