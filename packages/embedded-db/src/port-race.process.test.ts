import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, vi } from 'vitest'
import { freePort } from './free-port.ts'
import { startEmbeddedDatabase } from './index.ts'
import { query, temporaryDirectory } from './testing/harness.ts'

vi.mock(import('./free-port.ts'), { spy: true })

it('uses another port if another process takes the free port first', { timeout: 60_000 }, async () => {
  await using temporary = await temporaryDirectory()
  await using otherProcess = createServer().listen(0, '127.0.0.1')
  await once(otherProcess, 'listening')
  const taken = (otherProcess.address() as AddressInfo).port
  vi.mocked(freePort).mockResolvedValueOnce(taken)
  await using database = await startEmbeddedDatabase({
    directory: temporary.directory,
    durable: false,
  })
  // Called at least twice: more often if the next port is taken too.
  expect(vi.mocked(freePort).mock.calls.length).toBeGreaterThan(1)
  expect(database.port).not.toBe(taken)
  expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }])
})
