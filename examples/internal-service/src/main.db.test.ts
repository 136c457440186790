import { startTestService } from '@taskwire/api/testing'
import { createClient } from '@taskwire/client'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startLossyProxy } from './testing/lossy-proxy.ts'
import { createServiceKey } from './testing/service-key.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, 'main.ts')

test('run twice, the first time with a lost reply, the job creates each reminder once', async () => {
  await using service = await startTestService()
  const user = await service.signUp()
  const TASKWIRE_KEY = await createServiceKey(service.database.admin, ['tasks:write'])
  const env = { TASKWIRE_KEY, TASKWIRE_USER: user.id }
  await using proxy = await startLossyProxy(service.url, 1)

  const first = await run(process.execPath, [main], { env: { ...env, TASKWIRE_URL: proxy.url } })
  const second = await run(process.execPath, [main], { env: { ...env, TASKWIRE_URL: service.url } })

  const client = createClient({ url: service.url, token: user.token })
  const { items } = await client.tasks.list.query({ sort: { by: 'due', direction: 'asc' } })
  expect(items.map(({ title, due }) => ({ title, due }))).toEqual([
    { title: 'Pay invoice A-1001', due: { date: '2026-12-01' } },
    { title: 'Pay invoice A-1002', due: { date: '2026-12-15' } },
  ])
  const expected = items.map(({ id }, n) => `A-100${n + 1}: task ${id}\n`).join('')
  expect([first, second]).toEqual([
    { stdout: expected, stderr: '' },
    { stdout: expected, stderr: '' },
  ])
  expect(proxy.forwarded).toEqual([proxy.forwarded[0], proxy.forwarded[0]])
  const { changes } = await client.changes.list.query({ after: 0 })
  expect(changes.map(({ actor }) => [actor.kind, actor.userId])).toEqual([
    ['service', user.id],
    ['service', user.id],
  ])
})

test('a key without tasks:write fails with FORBIDDEN', async () => {
  await using service = await startTestService()
  const user = await service.signUp()
  const TASKWIRE_KEY = await createServiceKey(service.database.admin, ['tasks:read'])
  const env = { TASKWIRE_URL: service.url, TASKWIRE_KEY, TASKWIRE_USER: user.id }
  await expect(run(process.execPath, [main], { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('FORBIDDEN'),
  })
})

test('missing settings are an error that names them', async () => {
  await expect(run(process.execPath, [main], { env: {} })).rejects.toMatchObject({
    stderr: expect.stringContaining('Set TASKWIRE_KEY'),
  })
})
