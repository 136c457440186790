import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { describe, expect, it, vi } from 'vitest'
import { startEmbeddedDatabase } from './index.ts'
import {
  clusterTemplate,
  holdDatabase,
  query,
  serverPid,
  spawnHolder,
  temporaryDirectory,
  until,
  untilInitdbRuns,
  untilServerIsGone,
} from './testing/harness.ts'

vi.setConfig({ testTimeout: 60_000 })

const copyOfCluster = await clusterTemplate()
const onLinux = process.platform === 'linux'

describe('concurrent starts', () => {
  it('use one server in two processes', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
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

  it('use one server in one process, on a new and on an existing cluster', async () => {
    await using temporary = await temporaryDirectory()
    const options = { directory: temporary.directory, durable: false }
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
  it('recovers every row after kill -9 of the server', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
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
    await using temporary = await copyOfCluster()
    const { directory } = temporary
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

  it.runIf(onLinux)('starts despite a pid file whose pid another process has now', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const first = await startEmbeddedDatabase({ directory, durable: false })
    const pidFile = join(directory, 'data/postmaster.pid')
    const lines = (await readFile(pidFile, 'utf8')).split('\n')
    await first.stop()
    const otherProcess = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      await writeFile(pidFile, [otherProcess.pid, ...lines.slice(1)].join('\n'))
      await using second = await startEmbeddedDatabase({ directory, durable: false })
      expect(second.reused).toBe(false)
    } finally {
      otherProcess.kill()
    }
  })

  it('creates the cluster again after a killed first start', async () => {
    await using temporary = await temporaryDirectory()
    const { directory } = temporary
    const killed = spawnHolder({ directory, durable: false })
    await untilInitdbRuns(directory)
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    await mkdir(join(directory, 'init-half/data'), { recursive: true })
    await writeFile(join(directory, 'init-half/data/PG_VERSION'), '18\n')

    await using database = await startEmbeddedDatabase({ directory, durable: false })
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await readdir(directory)).toSorted()).toEqual(['data', 'password', 'postgres.log'])
  })
})

describe.runIf(onLinux)('a server whose parent process has ended', () => {
  it('stops when the process is killed with SIGKILL', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const holder = await holdDatabase({ directory, durable: false })
    const pid = await serverPid(directory)
    holder.process.kill('SIGKILL')
    await untilServerIsGone(directory, pid)
    await holder.release()
    await using database = await startEmbeddedDatabase({ directory, durable: false })
    expect(database.reused).toBe(false)
  })

  it('stops when the process exits without stopping it, and does not delay that exit', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const log = join(directory, 'postgres.log')
    // The copied log contains the shutdown of the server that created it.
    const { length } = await readFile(log, 'utf8')
    const leaving = spawnHolder({ directory, durable: false }, { leave: true })
    expect(await once(leaving, 'exit')).toEqual([0, null])
    await until('the server to end', () => !existsSync(join(directory, 'data/postmaster.pid')))
    expect((await readFile(log, 'utf8')).slice(length)).toContain('database system is shut down')
  })
})
