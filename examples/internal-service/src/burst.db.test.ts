import { startTestService } from '@taskwire/api/testing'
import { createClient } from '@taskwire/client'
import { expect, test } from 'vitest'

test('a thousand mutations at once succeed within the default limits', async () => {
  await using service = await startTestService({ limitsRequests: true, env: { RATE_LIMIT_PER_MINUTE: '1200' } })
  const { token } = await service.signUp()
  const client = createClient({ url: service.url, token })
  const titles = Array.from({ length: 1000 }, (_, n) => `Invoice ${n}`)
  const tasks = await Promise.all(titles.map((title) => client.tasks.create.mutate({ title })))
  expect(tasks.map(({ title }) => title)).toEqual(titles)
  expect(await client.tasks.count.query()).toMatchObject({ total: 1000 })
})
