import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, it, vi } from 'vitest'
import { freePort } from './free-port.ts'
import { startEmbeddedDatabase } from './index.ts'
import { query, temporaryDirectory } from './testing/harness.ts'

vi.mock(import('./free-port.ts'), { spy: true })

it('tries another port when somebody takes the free one first', { timeout: 60_000 }, async () => {
  await using place = await temporaryDirectory()
  await using stranger = createServer().listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const taken = (stranger.address() as AddressInfo).port
  vi.mocked(freePort).mockResolvedValueOnce(taken)
  await using database = await startEmbeddedDatabase({
    directory: place.directory,
    durable: false,
  })
  // More than twice where somebody takes the next one as well.
  expect(vi.mocked(freePort).mock.calls.length).toBeGreaterThan(1)
  expect(database.port).not.toBe(taken)
  expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }])
})
