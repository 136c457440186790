import { cp, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt, newTally } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { clientOf, startInstance } from '../instance.ts'
import { audit } from '../ledger.ts'
import { fill, mountMemory } from '../mounts.ts'
import { signalAll, until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { startServer } from '../server.ts'
import { startWriters, tallyFigures } from '../writers.ts'

export const promise =
  'On a full disk writes are refused and reads go on; writes return with the room; nothing acknowledged is lost.'
export const sabotage = 'callers take for written what they have only sent'

const SIZES = {
  short: { callers: 16, between: 30, refusals: 30, rounds: 1 },
  long: { callers: 32, between: 1000, refusals: 500, rounds: 5 },
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { callers, between, refusals, rounds } = SIZES[size]
  const random = createRandom(seed)
  await using disk = await mountMemory(400)
  await using logDisk = await mountMemory(300)
  await using server = await startServer({
    directory: join(disk.path, 'db'),
    settings: { max_wal_size: '128MB', restart_after_crash: 'off' },
  })
  // The write-ahead log on a file system of its own, as docs/operations.md has it.
  await server.kill()
  const [log, there] = [join(server.directory, 'data', 'pg_wal'), join(logDisk.path, 'pg_wal')]
  await cp(log, there, { recursive: true, preserveTimestamps: true })
  await rename(log, `${log}.before`)
  await symlink(there, log)
  await server.start()

  await using instance = await startInstance(server.settings)
  const users = await server.addUsers(callers / 2, random)
  // None waits longer for its answer than the service works at it: how it refuses is looked at below.
  const clientFor = (user: (typeof users)[number]) => clientOf(instance.url, user, 30_000)
  const writers = startWriters({ users, callers, random, clientFor, saboteur })
  const { ledger, tally } = writers
  const reads = newTally()
  const red: string[] = []
  const acknowledged = async (more: number): Promise<void> => {
    const after = ledger.acknowledged + more
    await until('writes to be acknowledged', () => ledger.acknowledged >= after)
  }

  try {
    for (let round = 1; round <= rounds; round++) {
      await acknowledged(between)
      const ballast = await fill(disk.path)
      const refused = (): number => tally.unknown + tally.failed
      const before = refused()
      await until('writes to be refused', () => refused() >= before + refusals)
      for (const user of users) {
        // Once each, and however long a busy machine takes.
        const client = clientOf(instance.url, user, 60_000)
        await attempt(reads, async () => await client.tasks.list.query({ limit: 100 }))
        await attempt(reads, async () => await client.tasks.count.query())
      }
      await ballast[Symbol.asyncDispose]()
      await acknowledged(between)
      say(`${round} of ${rounds}: full, and freed again; ${ledger.acknowledged} writes acknowledged`)
    }
    const { ok, failed, unknown } = reads
    expectThat(red, failed + unknown === 0, `${failed + unknown} of ${ok + failed + unknown} reads failed`)
    // Room on one disk is of no use without room for the log: there PostgreSQL ends itself.
    const ballast = await fill(logDisk.path)
    await until('PostgreSQL to end for want of a log', async () => {
      // Which uses up the segments that it has put aside.
      await server.query('select pg_switch_wal()').catch(() => {})
      return signalAll(await server.processes(), 0) === 0
    })
    await ballast[Symbol.asyncDispose]()
    await server.start()
    await acknowledged(between)
    await writers.stop()
  } finally {
    await writers.stop().catch(() => {})
  }
  const { red: found, ...figures } = await audit(server, ledger)
  const codes = [...tally.refusals].map(([code, times]) => `${code} ${times}`).join(', ')
  const others = [...tally.refusals.keys()].filter((code) => !['UNAVAILABLE', 'OVERLOADED', 'TIMEOUT'].includes(code))
  expectThat(red, others.length === 0, `a write was refused with ${others.join(', ')}`)
  return {
    figures: { rounds, callers, ...tallyFigures(tally), ...figures, refusals: codes, 'reads while full': reads.ok },
    red: [...red, ...found],
  }
}
