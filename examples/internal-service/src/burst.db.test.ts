import { startTestService } from '@taskwire/api/testing'
import { createClient } from '@taskwire/client'
import { expect, test } from 'vitest'

test('a thousand mutations at once all succeed, within the limits that the service has by default', async () => {
  await using service = await startTestService({ admits: true, env: { RATE_LIMIT_PER_MINUTE: '1200' } })
  const { token } = await service.signUp()
  let requests = 0
  const client = createClient({
    url: service.url,
    token,
    // Refused once is refused: nothing of it is sent again.
    retry: { tries: 1 },
    fetch: async (input, init) => {
      requests++
      return await fetch(input, init)
    },
  })
  const titles = Array.from({ length: 1000 }, (_, n) => `Invoice ${n}`)
  const tasks = await Promise.all(titles.map((title) => client.tasks.create.mutate({ title })))
  expect(tasks.map(({ title }) => title)).toEqual(titles)
  expect(requests).toBe(20)
  expect(await client.tasks.count.query()).toMatchObject({ total: 1000 })
})
