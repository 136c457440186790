import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  holdDatabase,
  nobodyMayRunPostgres,
  query,
  serverPid,
  temporaryDirectory,
  untilServerIsGone,
  withoutNamespaces,
} from './testing/harness.ts'

vi.setConfig({ testTimeout: 60_000 })

const nobody = await nobodyMayRunPostgres()
const skipped = nobody ? '' : ' (skipped: needs root on Linux and binaries that every user may run)'

describe.skipIf(!nobody)(`root without user namespaces${skipped}`, () => {
  it('runs the server as user nobody, also on a cluster created with namespaces, and stops with its process', async () => {
    await using temporary = await temporaryDirectory()
    const { path, directory } = temporary
    await chmod(path, 0o711)
    const env = await withoutNamespaces(path)
    const first = await holdDatabase({ directory, durable: false })
    await query(first.database, 'create table kept as select 1 as n')
    await first.release()
    expect((await stat(join(directory, 'data'))).uid).toBe(0)

    const second = await holdDatabase({ directory, durable: false }, { env })
    const pid = await serverPid(directory)
    expect((await stat(`/proc/${pid}`)).uid).toBe(65534)
    expect(await query(second.database, 'select n from kept')).toEqual([{ n: 1 }])
    second.process.kill('SIGKILL')
    await untilServerIsGone(directory, pid)
    await second.release()

    await using third = await holdDatabase({ directory, durable: false })
    expect(await query(third.database, 'select n from kept')).toEqual([{ n: 1 }])
  })

  it('creates a cluster as user nobody', async () => {
    await using temporary = await temporaryDirectory()
    const { path, directory } = temporary
    await chmod(path, 0o711)
    const env = await withoutNamespaces(path)
    await using holder = await holdDatabase({ directory, durable: false }, { env })
    expect(holder.database.reused).toBe(false)
    expect((await stat(join(directory, 'data'))).uid).toBe(65534)
    expect((await stat(join(directory, 'password'))).uid).toBe(0)
  })

  it('fails with an error that names the directory that user nobody may not enter', async () => {
    await using temporary = await temporaryDirectory()
    const { path, directory } = temporary
    const env = await withoutNamespaces(path)
    const start = holdDatabase({ directory, durable: false }, { env })
    await expect(start).rejects.toThrow(/setpriv --reuid 65534 .*can't cd.* Run as a user that/)
  })
})
