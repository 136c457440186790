import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { describe, expect, it, vi } from 'vitest'
import { startEmbeddedDatabase } from './index.ts'
import { clusterTemplate, holdDatabase, query, serverPid, spawnHolder } from './testing/harness.ts'
import { temporaryDirectory, until, untilInitdbWorks, untilServerIsGone } from './testing/harness.ts'

vi.setConfig({ testTimeout: 60_000 })

const copyOfCluster = await clusterTemplate()
const onLinux = process.platform === 'linux'

describe('several starts at once', () => {
  it('gives processes that start together one server', async () => {
    await using place = await temporaryDirectory()
    const { directory } = place
    const options = { directory, durable: false }
    const holders = await Promise.all([holdDatabase(options), holdDatabase(options)])
    try {
      const databases = holders.map(({ database }) => database)
      expect(databases.filter(({ reused }) => reused)).toHaveLength(1)
      expect(new Set(databases.map(({ adminUrl }) => adminUrl)).size).toBe(1)
      expect((await readdir(directory)).filter((name) => name.startsWith('init-'))).toEqual([])
    } finally {
      await Promise.all(holders.map((holder) => holder.release()))
    }
  })

  it('gives calls of one process one server, on a cluster that exists too', async () => {
    await using place = await temporaryDirectory()
    const options = { directory: place.directory, durable: false }
    for (const round of ['first start', 'later start']) {
      const databases = await Promise.all([1, 2].map(() => startEmbeddedDatabase(options)))
      const ports = new Set(databases.map(({ port }) => port))
      expect(ports.size, round).toBe(1)
      expect(
        databases.filter(({ reused }) => !reused),
        round,
      ).toHaveLength(1)
      await Promise.all(databases.map((database) => database.stop()))
    }
  })
})

describe('after a crash', () => {
  it('recovers a server killed with kill -9, with every row', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const first = await startEmbeddedDatabase({ directory })
    await query(first, 'create table kept as select generate_series(1, 1000) as n')
    process.kill(-(await serverPid(directory)), 'SIGKILL')
    await using second = await startEmbeddedDatabase({ directory })
    expect(second.reused).toBe(false)
    expect(await query(second, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }])
    await first.stop()
    expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('waits for a server process that outlives its killed parent', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const first = await startEmbeddedDatabase({ directory, durable: false })
    const sql = postgres(first.adminUrl, { max: 1 })
    const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
    const pid = backend?.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    process.kill(await serverPid(directory), 'SIGKILL')
    const starting = startEmbeddedDatabase({ directory, durable: false })
    await until('a start to be refused', async () =>
      (await readFile(join(directory, 'postgres.log'), 'utf8')).includes('pre-existing shared memory'),
    )
    process.kill(pid, 'SIGCONT')
    await using second = await starting
    expect(second.reused).toBe(false)
    await sql.end({ timeout: 0 })
  })

  it.runIf(onLinux)('overcomes a pid file whose number a stranger has now', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const first = await startEmbeddedDatabase({ directory, durable: false })
    const pidFile = join(directory, 'data/postmaster.pid')
    const lines = (await readFile(pidFile, 'utf8')).split('\n')
    await first.stop()
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      await writeFile(pidFile, [stranger.pid, ...lines.slice(1)].join('\n'))
      await using second = await startEmbeddedDatabase({ directory, durable: false })
      expect(second.reused).toBe(false)
    } finally {
      stranger.kill()
    }
  })

  it('begins anew after a first start that was killed', async () => {
    await using place = await temporaryDirectory()
    const { directory } = place
    const killed = spawnHolder({ directory, durable: false })
    await untilInitdbWorks(directory)
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    await mkdir(join(directory, 'init-half/data'), { recursive: true })
    await writeFile(join(directory, 'init-half/data/PG_VERSION'), '18\n')

    await using database = await startEmbeddedDatabase({ directory, durable: false })
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await readdir(directory)).toSorted()).toEqual(['data', 'password', 'postgres.log'])
  })
})

describe.runIf(onLinux)('a server whose process is gone', () => {
  it('stops when that process is killed with SIGKILL', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const holder = await holdDatabase({ directory, durable: false })
    const pid = await serverPid(directory)
    holder.process.kill('SIGKILL')
    await untilServerIsGone(directory, pid)
    await holder.release()
    await using database = await startEmbeddedDatabase({ directory, durable: false })
    expect(database.reused).toBe(false)
  })

  it('stops when that process ends without stopping it, and does not hold that back', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const log = join(directory, 'postgres.log')
    // The copy's tells of the end of the server that made it.
    const { length } = await readFile(log, 'utf8')
    const left = spawnHolder({ directory, durable: false }, { leave: true })
    expect(await once(left, 'exit')).toEqual([0, null])
    await until('the server to end', () => !existsSync(join(directory, 'data/postmaster.pid')))
    expect((await readFile(log, 'utf8')).slice(length)).toContain('database system is shut down')
  })
})
