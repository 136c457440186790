import { existsSync } from 'node:fs'
import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startEmbedded } from './embedded.ts'
import { temporaryDirectory } from './process-testing.ts'

test('a start that fails once PostgreSQL runs leaves none behind', async () => {
  await using directory = await temporaryDirectory()
  const secret = join(directory.path, 'secret')
  await mkdir(secret)
  await expect(startEmbedded(directory.path, () => {})).rejects.toThrow('EISDIR')
  expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(false)

  await rmdir(secret)
  const embedded = await startEmbedded(directory.path, () => {})
  expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(true)
  await embedded.stop()
  expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(false)
})
