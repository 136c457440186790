// While callers write and read, fills the file system of the data, later the file system of the write-ahead log, and
// frees the space again. Needs root on Linux.
// Fails if a read fails while the disk is full, a write fails with another error than UNAVAILABLE, OVERLOADED or
// TIMEOUT, writes do not resume, or an acknowledged write is lost or doubled.

import { cp, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt, newTally } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { clientOf, startInstance } from '../instance.ts'
import { audit } from '../sent-writes.ts'
import { fill, mountMemory } from '../mounts.ts'
import { signalAll, until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { startServer } from '../server.ts'
import { startWriters, tallyMetrics } from '../writers.ts'

export const promise =
  'On a full disk writes are refused and reads succeed. Writes work again when space is freed. No acknowledged write is lost.'
export const negativeControl =
  'callers count a write as acknowledged when they send it, or repeat it with a new mutation id'

const SIZES = {
  short: { callers: 16, between: 30, refusals: 30, rounds: 1 },
  long: { callers: 32, between: 1000, refusals: 500, rounds: 5 },
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { callers, between, refusals, rounds } = SIZES[size]
  const random = createRandom(seed)
  await using disk = await mountMemory(400)
  await using logDisk = await mountMemory(300)
  await using server = await startServer({
    directory: join(disk.path, 'db'),
    settings: { max_wal_size: '128MB', restart_after_crash: 'off' },
  })
  // The write-ahead log is on a file system of its own, as docs/operations.md recommends.
  await server.kill()
  const [log, target] = [join(server.directory, 'data', 'pg_wal'), join(logDisk.path, 'pg_wal')]
  await cp(log, target, { recursive: true, preserveTimestamps: true })
  await rename(log, `${log}.before`)
  await symlink(target, log)
  await server.start()

  await using instance = await startInstance(server.settings)
  const users = await server.addUsers(callers / 2, random)
  // Longer than the deadline of the service, so that its own error codes are seen.
  const clientFor = (user: (typeof users)[number]) => clientOf(instance.url, user, 30_000)
  const writers = startWriters({ users, callers, random, clientFor, hasBrokenCallers: isNegativeControl })
  const { sentWrites, tally } = writers
  const reads = newTally()
  const violations: string[] = []
  const waitForWrites = async (more: number): Promise<void> => {
    const after = sentWrites.acknowledged + more
    await until('writes to be acknowledged', () => sentWrites.acknowledged >= after)
  }

  try {
    for (let round = 1; round <= rounds; round++) {
      await waitForWrites(between)
      const ballast = await fill(disk.path)
      const countRefused = (): number => tally.unknown + tally.failed
      const before = countRefused()
      await until('writes to be refused', () => countRefused() >= before + refusals)
      for (const user of users) {
        // No retries, but enough time for a busy machine.
        const client = clientOf(instance.url, user, 60_000)
        await attempt(reads, async () => await client.tasks.list.query({ limit: 100 }))
        await attempt(reads, async () => await client.tasks.count.query())
      }
      await ballast[Symbol.asyncDispose]()
      await waitForWrites(between)
      print(`${round} of ${rounds}: filled and freed; ${sentWrites.acknowledged} writes acknowledged`)
    }
    const { ok, failed, unknown } = reads
    expectThat(violations, failed + unknown === 0, `${failed + unknown} of ${ok + failed + unknown} reads failed`)
    // Without space for the write-ahead log PostgreSQL shuts down.
    const ballast = await fill(logDisk.path)
    await until('PostgreSQL to shut down without space for its log', async () => {
      // Uses up the preallocated segments.
      await server.query('select pg_switch_wal()').catch(() => {})
      return signalAll(await server.processes(), 0) === 0
    })
    await ballast[Symbol.asyncDispose]()
    await server.start()
    await waitForWrites(between)
    await writers.stop()
  } finally {
    await writers.stop().catch(() => {})
  }
  const { violations: found, ...metrics } = await audit(server, sentWrites)
  const codes = [...tally.errors].map(([code, times]) => `${code} ${times}`).join(', ')
  const unexpected = [...tally.errors.keys()].filter((code) => !['UNAVAILABLE', 'OVERLOADED', 'TIMEOUT'].includes(code))
  expectThat(violations, unexpected.length === 0, `writes failed with ${unexpected.join(', ')}`)
  return {
    metrics: {
      rounds,
      callers,
      ...tallyMetrics(tally),
      ...metrics,
      'errors of writes': codes,
      'reads while full': reads.ok,
    },
    violations: [...violations, ...found],
  }
}
