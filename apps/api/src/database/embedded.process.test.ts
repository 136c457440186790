import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startEmbedded } from './embedded.ts'
import { startServiceProcess, temporaryDirectory } from '../testing/process.ts'

test('if a start fails after PostgreSQL has started, PostgreSQL is stopped again', async () => {
  await using directory = await temporaryDirectory()
  const secret = join(directory.path, 'secret')
  await mkdir(secret)
  await expect(startEmbedded(directory.path, () => {})).rejects.toThrow('EISDIR')
  expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(false)

  await rmdir(secret)
  await writeFile(secret, '')
  await expect(startEmbedded(directory.path, () => {})).rejects.toThrow(/secret is damaged: restore it, or remove it/)
  await rm(secret)
  const embedded = await startEmbedded(directory.path, () => {})
  expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(true)
  expect((await readdir(directory.path)).toSorted()).toEqual(['data', 'password', 'postgres.log', 'secret'])
  await embedded.stop()
  expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(false)
})

test('if the directory cannot be used, the service exits with a message', async () => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'file'), '')
  for (const [name, reason] of [
    ['file', 'it exists and is not a directory; use another path'],
    ['file/below', 'a part of the path is not a directory; check the name'],
  ] as const) {
    const TASKWIRE_DIRECTORY = join(directory.path, name)
    await using main = startServiceProcess({ cwd: directory.path, env: { TASKWIRE_DIRECTORY } })
    expect(await main.ended).toBe(1)
    expect(main.stderr().trim()).toBe(
      `TASKWIRE_DIRECTORY ${TASKWIRE_DIRECTORY}, the directory of the embedded database, cannot be used: ${reason}.`,
    )
  }
})
