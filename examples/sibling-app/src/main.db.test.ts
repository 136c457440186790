import { startTestService } from '@taskwire/api/testing'
import { createClient } from '@taskwire/client'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const main = join(import.meta.dirname, 'main.ts')

test('prints the next due tasks with a key of the scope tasks:read', async () => {
  await using service = await startTestService()
  const { token } = await service.signUp()
  const client = createClient({ url: service.url, token })
  await client.tasks.createMany.mutate({
    tasks: [
      { title: 'Water the plants' },
      { title: 'File the taxes', due: { date: '2099-04-01' } },
      { title: 'Renew the passport', due: { date: '2001-01-01' } },
      { title: 'Buy milk', complete: true },
    ],
  })
  const { secret } = await client.keys.create.mutate({ name: 'stand-up', scopes: ['tasks:read'] })

  const { stdout, stderr } = await run(process.execPath, [main], {
    env: { TASKWIRE_URL: service.url, TASKWIRE_TOKEN: secret },
  })
  expect(stdout).toBe(
    '3 open, 1 overdue\n- Renew the passport, due 2001-01-01\n- File the taxes, due 2099-04-01\n- Water the plants\n',
  )
  expect(stderr).toBe('')
})

test('fails with "Not signed in" without a token', async () => {
  await using service = await startTestService()
  await expect(run(process.execPath, [main], { env: { TASKWIRE_URL: service.url } })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Not signed in'),
  })
})
