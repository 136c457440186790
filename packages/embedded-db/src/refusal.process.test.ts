import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startEmbeddedDatabase } from './index.ts'
import { clusterTemplate, temporaryDirectory } from './testing/harness.ts'

vi.setConfig({ testTimeout: 60_000 })

const copyOfCluster = await clusterTemplate()

/** Checks that the start fails with an EmbeddedDatabaseError whose message contains all parts. */
async function expectRefusal(options: Parameters<typeof startEmbeddedDatabase>[0], parts: string[]): Promise<void> {
  const error: unknown = await startEmbeddedDatabase(options).then(
    (database) => database.stop(),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'EmbeddedDatabaseError' })
  for (const part of parts) expect(String(error)).toContain(part)
}

describe('a start that fails', () => {
  it('refuses data of another major version', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    await mkdir(join(directory, 'data'), { recursive: true })
    await writeFile(join(directory, 'data/PG_VERSION'), '16\n')
    const data = join(directory, 'data')
    await expectRefusal({ directory }, [data, 'PostgreSQL 16', 'PostgreSQL 18.4', 'pg_dumpall'])
  })

  it('refuses a data directory that is not a PostgreSQL database', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    await mkdir(join(directory, 'data'), { recursive: true })
    await writeFile(join(directory, 'data/notes.txt'), 'mine')
    await expectRefusal({ directory }, [join(directory, 'data'), 'PG_VERSION', 'Move it away'])
  })

  it('names a directory that cannot be created', async () => {
    await using temporary = await temporaryDirectory()
    await writeFile(temporary.directory, 'a file')
    const directory = join(temporary.directory, 'below')
    await expectRefusal({ directory }, [directory, 'ENOTDIR'])
  })

  it('names missing binaries', async () => {
    await using temporary = await temporaryDirectory()
    const { directory, path } = temporary
    await expectRefusal({ directory, binDirectory: path }, [path, 'binDirectory'])
  })

  it('names a platform without binaries and the remedy', async () => {
    await using temporary = await temporaryDirectory()
    const real = Object.getOwnPropertyDescriptor(process, 'arch')
    Object.defineProperty(process, 'arch', { ...real, value: 's390x' })
    try {
      await expectRefusal({ directory: temporary.directory }, [
        `${process.platform}-s390x`,
        'set DATABASE_URL to the URL of a PostgreSQL server, version 15 to 18',
      ])
    } finally {
      Object.defineProperty(process, 'arch', { ...real })
    }
  })

  it('shows what the server logged when it does not start', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const settings = { shared_preload_libraries: 'no_such_library' }
    await expectRefusal({ directory, durable: false, settings }, [
      directory,
      'FATAL',
      'could not access file "no_such_library"',
      'postgres.log',
    ])
  })

  it('refuses settings that it sets itself', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    await expectRefusal({ directory, settings: { Port: '5432' } }, ['Port', 'Leave it out'])
  })

  it('reports a missing password file and a wrong password', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const password = join(directory, 'password')
    await using _running = await startEmbeddedDatabase({ directory, durable: false })
    await writeFile(password, 'wrong')
    await expectRefusal({ directory }, [password, 'password authentication failed'])
    await rm(password)
    await expectRefusal({ directory }, [password, 'missing', 'move'])
  })

  it('fails after startTimeoutMs', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    // On a slow machine, even the first program that the start runs may take too long.
    await expectRefusal({ directory, startTimeoutMs: 200 }, ['in time'])
  })

  it('says to raise startTimeoutMs if `postgres --version` takes too long', async () => {
    await using temporary = await temporaryDirectory()
    await mkdir(temporary.path, { recursive: true })
    for (const program of ['postgres', 'initdb'])
      await writeFile(join(temporary.path, program), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    const options = { directory: temporary.directory, binDirectory: temporary.path, startTimeoutMs: 200 }
    await expectRefusal(options, [join(temporary.path, 'postgres'), 'did not end in time', 'Raise startTimeoutMs'])
  })
})
