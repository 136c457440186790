import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startEmbeddedDatabase } from './index.ts'
import { holderOf, isAttached, programByPs } from './holder.ts'
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

/** Root as Docker makes it: it may signal processes of others, and not look into them. */
const CANNOT_LOOK = ['setpriv', '--bounding-set', '-sys_ptrace', '--']
/** To whom processes of others are as to any user. */
const CANNOT_SIGNAL = ['setpriv', '--bounding-set', '-sys_ptrace,-kill', '--']
const IN_PID_NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', '--']
const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--']

/** A pid file as a server of an hour ago left it, of which a stranger has the number now. */
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

async function startStranger(argv: readonly string[]): Promise<ChildProcess & AsyncDisposable> {
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

describe('a pid file whose number a stranger has', () => {
  const options = { durable: false, startTimeoutMs: 20_000 }

  it.runIf(nobody).each([
    { who: 'that may be signalled and not looked into', rights: CANNOT_LOOK },
    { who: 'of another user', rights: CANNOT_SIGNAL },
  ])('$who is overcome', async ({ rights }) => {
    await using place = await copyOfCluster()
    const { directory } = place
    await using stranger = await startStranger([...AS_NOBODY, 'sleep', '60'])
    await leavePidFile(place, stranger.pid ?? 0)
    await using holder = await holdDatabase({ ...options, directory }, { prefix: rights })
    expect(holder.database.reused).toBe(false)
  })

  it.runIf(nobody)('that is another PostgreSQL which may not be looked into is told by when it started', async () => {
    await using first = await copyOfCluster()
    await using second = await copyOfCluster()
    await using other = await holdAsNobody(first)
    const pid = await serverPid(first.directory)
    await leavePidFile(second, pid)
    await using holder = await holdDatabase({ ...options, directory: second.directory }, { prefix: CANNOT_LOOK })
    expect(holder.database.reused).toBe(false)
    expect(await query(other.database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it.runIf(nobody)('and that may be its server is waited for, and the refusal says what to do', async () => {
    await using first = await copyOfCluster()
    await using second = await copyOfCluster()
    await using _other = await holdAsNobody(first)
    const pid = await serverPid(first.directory)
    const { startedAt = 0 } = (await readPidFile(join(first.directory, 'data'))) ?? {}
    await leavePidFile(second, pid, { 3: String(startedAt / 1000) })
    const holding = holdDatabase(
      { ...options, directory: second.directory, startTimeoutMs: 3000 },
      { prefix: CANNOT_LOOK },
    )
    await expect(holding).rejects.toThrow(
      new RegExp(`did not answer in time: process ${pid} does not answer: .*remove .*data/postmaster.pid`),
    )
  })

  it.each(['the same password', 'another password'])(
    'is overcome where another server, of %s, has its port',
    async (word) => {
      await using first = await copyOfCluster()
      await using second = await copyOfCluster()
      await using other = await startEmbeddedDatabase({ directory: first.directory, durable: false })
      await leavePidFile(second, process.pid, { 4: String(other.port) })
      if (word === 'another password') await query(other, `alter role postgres password 'another'`)
      await using own = await startEmbeddedDatabase({ ...options, directory: second.directory })
      expect(own.reused).toBe(false)
      expect(own.port).not.toBe(other.port)
    },
  )

  it('by ps, where there is no /proc, has the name of its program', async () => {
    expect(await programByPs(process.pid)).toMatch(/^node/)
    await using place = await copyOfCluster()
    await using _server = await startEmbeddedDatabase({ directory: place.directory, durable: false })
    expect(await programByPs(await serverPid(place.directory))).toBe('postgres')
  })
})

/** A server whose processes are another user's. */
async function holdAsNobody(place: TemporaryDirectory): ReturnType<typeof holdDatabase> {
  await chmod(place.path, 0o711)
  return await holdDatabase(
    { directory: place.directory, durable: false },
    { env: await withoutNamespaces(place.path) },
  )
}

describe.runIf(nobody)('a server of another pid namespace', () => {
  it('is found, by what answers at its port', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    await using holder = await holdDatabase({ directory, durable: false }, { prefix: IN_PID_NAMESPACE })
    const pidFile = await readPidFile(join(directory, 'data'))
    expect(await holderOf(pidFile ?? expect.fail(), join(directory, 'data'))).not.toBe('server')
    await using found = await startEmbeddedDatabase({ directory, durable: false })
    expect(found).toMatchObject({ reused: true, port: holder.database.port })
  })

  it('keeps its pid file while it does not answer, though a stranger has its number', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    await using holder = await holdDatabase({ directory, durable: false }, { prefix: IN_PID_NAMESPACE })
    const path = join(directory, 'data/postmaster.pid')
    // As while it starts or stops.
    const text = (await readFile(path, 'utf8')).replace(/^\d+/, String(process.pid)).replace('ready   ', 'stopping')
    await writeFile(path, text)
    const starting = startEmbeddedDatabase({ directory, durable: false, startTimeoutMs: 2000 })
    await expect(starting).rejects.toThrow(
      /a server of another container or pid namespace holds its shared memory.*remove/,
    )
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await query(holder.database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('is seen by its shared memory, and only while it runs', async () => {
    await using place = await copyOfCluster()
    const { directory } = place
    const holder = await holdDatabase({ directory, durable: false }, { prefix: IN_PID_NAMESPACE })
    const pidFile = (await readPidFile(join(directory, 'data'))) ?? expect.fail()
    expect(await isAttached(pidFile)).toBe(true)
    await holder.release()
    expect(await isAttached(pidFile)).toBe(false)
  })
})
