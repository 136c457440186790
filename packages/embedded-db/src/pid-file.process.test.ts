import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startEmbeddedDatabase } from './index.ts'
import { findPidOwner, isAttached, readProgramName } from './pid-owner.ts'
import { readPidFile } from './pid-file.ts'
import {
  clusterTemplate,
  holdDatabase,
  nobodyMayRunPostgres,
  query,
  serverPid,
  type TemporaryDirectory,
  withoutNamespaces,
} from './testing/harness.ts'

vi.setConfig({ testTimeout: 60_000 })

const copyOfCluster = await clusterTemplate()
const nobody = await nobodyMayRunPostgres()

/** Root as in Docker: it may signal processes of other users, but not read their /proc entries. */
const CANNOT_INSPECT = ['setpriv', '--bounding-set', '-sys_ptrace', '--']
/** Root without its rights over processes of other users. */
const CANNOT_SIGNAL = ['setpriv', '--bounding-set', '-sys_ptrace,-kill', '--']
const IN_PID_NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', '--']
const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--']

/** Leaves a pid file like that of a server that started an hour ago, but with the pid of another process. */
async function leavePidFile({ directory }: TemporaryDirectory, pid: number, changes: Record<number, string> = {}) {
  const database = await startEmbeddedDatabase({ directory, durable: false })
  const path = join(directory, 'data/postmaster.pid')
  const lines = (await readFile(path, 'utf8')).split('\n')
  await database.stop()
  lines[0] = String(pid)
  lines[2] = String(Number(lines[2]) - 3600)
  for (const [line, text] of Object.entries(changes)) lines[Number(line) - 1] = text
  await writeFile(path, lines.join('\n'), { mode: 0o600 })
}

async function startProcess(argv: readonly string[]): Promise<ChildProcess & AsyncDisposable> {
  const [program = '', ...args] = argv
  const child = spawn(program, args, { stdio: 'ignore' })
  await once(child, 'spawn')
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      if (child.kill()) await ended
    },
  })
}

describe('a pid file with the pid of another process', () => {
  const options = { durable: false, startTimeoutMs: 20_000 }

  it.runIf(nobody).each([
    { who: 'a process that may be signalled but not inspected', rights: CANNOT_INSPECT },
    { who: 'a process of another user', rights: CANNOT_SIGNAL },
  ])('is removed if the pid is that of $who', async ({ rights }) => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    await using otherProcess = await startProcess([...AS_NOBODY, 'sleep', '60'])
    await leavePidFile(temporary, otherProcess.pid ?? 0)
    await using holder = await holdDatabase({ ...options, directory }, { prefix: rights })
    expect(holder.database.reused).toBe(false)
  })

  it.runIf(nobody)('is removed if the pid is that of a later PostgreSQL that may not be inspected', async () => {
    await using first = await copyOfCluster()
    await using second = await copyOfCluster()
    await using other = await holdAsNobody(first)
    const pid = await serverPid(first.directory)
    await leavePidFile(second, pid)
    await using holder = await holdDatabase({ ...options, directory: second.directory }, { prefix: CANNOT_INSPECT })
    expect(holder.database.reused).toBe(false)
    expect(await query(other.database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it.runIf(nobody)('is kept if the process may be its server; the error says what to do', async () => {
    await using first = await copyOfCluster()
    await using second = await copyOfCluster()
    await using _other = await holdAsNobody(first)
    const pid = await serverPid(first.directory)
    const { startedAt = 0 } = (await readPidFile(join(first.directory, 'data'))) ?? {}
    await leavePidFile(second, pid, { 3: String(startedAt / 1000) })
    const holding = holdDatabase(
      { ...options, directory: second.directory, startTimeoutMs: 3000 },
      { prefix: CANNOT_INSPECT },
    )
    await expect(holding).rejects.toThrow(
      new RegExp(
        `did not accept connections in time: process ${pid} does not accept connections: .*remove .*data/postmaster.pid`,
      ),
    )
  })

  it.each(['the same password', 'another password'])(
    'is removed if another server, with %s, listens on its port',
    async (password) => {
      await using first = await copyOfCluster()
      await using second = await copyOfCluster()
      await using other = await startEmbeddedDatabase({ directory: first.directory, durable: false })
      await leavePidFile(second, process.pid, { 4: String(other.port) })
      if (password === 'another password') await query(other, `alter role postgres password 'another'`)
      await using own = await startEmbeddedDatabase({ ...options, directory: second.directory })
      expect(own.reused).toBe(false)
      expect(own.port).not.toBe(other.port)
    },
  )

  it('readProgramName returns the name of a program by ps', async () => {
    expect(await readProgramName(process.pid)).toMatch(/^node/)
    await using temporary = await copyOfCluster()
    await using _server = await startEmbeddedDatabase({ directory: temporary.directory, durable: false })
    expect(await readProgramName(await serverPid(temporary.directory))).toBe('postgres')
  })
})

/** Starts a server whose processes belong to another user. */
async function holdAsNobody(temporary: TemporaryDirectory): ReturnType<typeof holdDatabase> {
  await chmod(temporary.path, 0o711)
  return await holdDatabase(
    { directory: temporary.directory, durable: false },
    { env: await withoutNamespaces(temporary.path) },
  )
}

describe.runIf(nobody)('a server in another pid namespace', () => {
  it('is found by its port', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    await using holder = await holdDatabase({ directory, durable: false }, { prefix: IN_PID_NAMESPACE })
    const pidFile = await readPidFile(join(directory, 'data'))
    expect(await findPidOwner(pidFile ?? expect.fail(), join(directory, 'data'))).not.toBe('server')
    await using found = await startEmbeddedDatabase({ directory, durable: false })
    expect(found).toMatchObject({ reused: true, port: holder.database.port })
  })

  it('keeps its pid file while it accepts no connections, even if another process has the same pid', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    await using holder = await holdDatabase({ directory, durable: false }, { prefix: IN_PID_NAMESPACE })
    const path = join(directory, 'data/postmaster.pid')
    // The file looks like this during a stop.
    const text = (await readFile(path, 'utf8')).replace(/^\d+/, String(process.pid)).replace('ready   ', 'stopping')
    await writeFile(path, text)
    const starting = startEmbeddedDatabase({ directory, durable: false, startTimeoutMs: 2000 })
    await expect(starting).rejects.toThrow(
      /a server of another container or pid namespace uses its shared memory.*remove/,
    )
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await query(holder.database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('is detected by its shared memory, only while it runs', async () => {
    await using temporary = await copyOfCluster()
    const { directory } = temporary
    const holder = await holdDatabase({ directory, durable: false }, { prefix: IN_PID_NAMESPACE })
    const pidFile = (await readPidFile(join(directory, 'data'))) ?? expect.fail()
    expect(await isAttached(pidFile)).toBe(true)
    await holder.release()
    expect(await isAttached(pidFile)).toBe(false)
  })
})
