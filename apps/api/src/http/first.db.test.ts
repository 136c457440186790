import { createClient } from '@taskwire/client'
import { expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'

test('a task is created and listed by the typed client', async () => {
  await using service = await startTestService()
  const { token } = await service.signUp()
  const client = createClient({ url: service.url, token })
  const task = await client.tasks.create.mutate({ title: 'Buy milk' })
  const { items, revision } = await client.tasks.list.query({})
  expect(items).toEqual([task])
  expect(revision).toBe(task.revision)
})
