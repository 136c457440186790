import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startEmbeddedDatabase } from './index.ts'
import { clusterTemplate, temporaryDirectory, untilInitdbWorks } from './testing/harness.ts'

vi.setConfig({ testTimeout: 60_000 })

const copyOfCluster = await clusterTemplate()

/** Starting throws one of our errors, and its message holds all of these. */
async function expectRefusal(options: Parameters<typeof startEmbeddedDatabase>[0], parts: string[]): Promise<void> {
  const error: unknown = await startEmbeddedDatabase(options).then(
    (database) => database.stop(),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'EmbeddedDatabaseError' })
  for (const part of parts) expect(String(error)).toContain(part)
}

describe('a start that cannot work', () => {
  it('refuses the data of another major version', async () => {
    await using place = await temporaryDirectory()
    const { directory } = place
    await mkdir(join(directory, 'data'), { recursive: true })
    await writeFile(join(directory, 'data/PG_VERSION'), '16\n')
    const data = join(directory, 'data')
    await expectRefusal({ directory }, [data, 'PostgreSQL 16', 'PostgreSQL 18.4', 'pg_dumpall'])
  })

  it('refuses a data directory that is something else', async () => {
    await using place = await temporaryDirectory()
    const { directory } = place
    await mkdir(join(directory, 'data'), { recursive: true })
    await writeFile(join(directory, 'data/notes.txt'), 'mine')
    await expectRefusal({ directory }, [join(directory, 'data'), 'PG_VERSION', 'Move it away'])
  })

  it('names a directory that cannot be made', async () => {
    await using place = await temporaryDirectory()
    await writeFile(place.directory, 'a file')
    const directory = join(place.directory, 'below')
    await expectRefusal({ directory }, [directory, 'ENOTDIR'])
  })

  it('names binaries that are missing', async () => {
    await using place = await temporaryDirectory()
    const { directory, path } = place
    await expectRefusal({ directory, binDirectory: path }, [path, 'binDirectory'])
  })

  it('names a platform without binaries, and the way out', async () => {
    await using place = await temporaryDirectory()
    const real = Object.getOwnPropertyDescriptor(process, 'arch')
    Object.defineProperty(process, 'arch', { ...real, value: 's390x' })
    try {
      await expectRefusal({ directory: place.directory }, [
        `${process.platform}-s390x`,
        'set DATABASE_URL to a PostgreSQL 15 to 18',
      ])
    } finally {
      Object.defineProperty(process, 'arch', { ...real })
    }
  })

  it('shows what the server logged when it does not start', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const settings = { shared_preload_libraries: 'no_such_library' }
    await expectRefusal({ directory, durable: false, settings }, [
      directory,
      'FATAL',
      'could not access file "no_such_library"',
      'postgres.log',
    ])
  })

  it('keeps the settings it needs to itself', async () => {
    await using place = await temporaryDirectory()
    const { directory } = place
    await expectRefusal({ directory, settings: { Port: '5432' } }, ['Port', 'Leave it out'])
  })

  it('asks for a password that was lost, and refuses a wrong one', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const password = join(directory, 'password')
    await using _running = await startEmbeddedDatabase({ directory, durable: false })
    await writeFile(password, 'wrong')
    await expectRefusal({ directory }, [password, 'password authentication failed'])
    await rm(password)
    await expectRefusal({ directory }, [password, 'missing', 'move'])
  })

  it('gives up in time', async () => {
    await using place = await temporaryDirectory()
    const { directory } = place
    // On a slow machine the first program that it runs may be what takes too long.
    await expectRefusal({ directory, startTimeoutMs: 200 }, ['in time'])
  })

  it('asks for more time where PostgreSQL takes too long to say its version', async () => {
    await using place = await temporaryDirectory()
    await mkdir(place.path, { recursive: true })
    for (const program of ['postgres', 'initdb'])
      await writeFile(join(place.path, program), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    const options = { directory: place.directory, binDirectory: place.path, startTimeoutMs: 200 }
    await expectRefusal(options, [join(place.path, 'postgres'), 'did not end in time', 'Raise startTimeoutMs'])
  })

  it('can be cancelled before and while it starts', async () => {
    await using place = await temporaryDirectory()
    const { directory } = place
    const reason = new Error('changed my mind')
    const early = startEmbeddedDatabase({ directory, signal: AbortSignal.abort(reason) })
    await expect(early).rejects.toBe(reason)
    const controller = new AbortController()
    const late = expect(startEmbeddedDatabase({ directory, signal: controller.signal })).rejects.toBe(reason)
    await untilInitdbWorks(directory)
    controller.abort(reason)
    await late
    await using database = await startEmbeddedDatabase({ directory, durable: false })
    expect(database.reused).toBe(false)
  })
})
