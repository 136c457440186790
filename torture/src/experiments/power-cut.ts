// Runs PostgreSQL on a loop device, stops all its processes during writes, copies the image and starts again from the
// copy, which lacks what the kernel had not yet written. Needs root, loop devices and mkfs.ext4 on Linux.
// Fails if a write that was acknowledged before any of the cuts is missing or doubled, or a space's log is broken.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Options, type Result } from '../experiment.ts'
import { clientOf, startInstance } from '../instance.ts'
import { audit, createSentWrites } from '../sent-writes.ts'
import { makeImage, mountImage } from '../mounts.ts'
import { signalAll, until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { startServer } from '../server.ts'
import { startWriters, tallyMetrics } from '../writers.ts'

export const promise = 'An acknowledged write survives a power cut.'
export const negativeControl = 'PostgreSQL runs with fsync = off'

const SIZES = {
  short: { cuts: 1, callers: 8, between: 100 },
  long: { cuts: 10, callers: 32, between: 2000 },
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { cuts, callers, between } = SIZES[size]
  const random = createRandom(seed)
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-power-'))
  // Writes of all rounds: each has to survive every later cut.
  const all = createSentWrites()
  const totals: Record<string, number> = {}
  const violations: string[] = []
  try {
    let image = join(directory, '0.img')
    await makeImage(image, 512)
    for (let cut = 1; cut <= cuts + 1; cut++) {
      await using disk = await mountImage(image)
      await using server = await startServer({
        directory: join(disk.path, 'db'),
        durable: true,
        settings: isNegativeControl ? { fsync: 'off' } : {},
      })
      const { violations: found } = await audit(server, all)
      violations.push(...found.map((reason) => `after ${cut - 1} power cuts: ${reason}`))
      if (cut > cuts || violations.length > 0) break

      await using instance = await startInstance(server.settings)
      // The users of this round have to be on the disk before the cut.
      const users = await server.addUsers(callers / 2, random)
      await server.query('checkpoint')
      await promisify(execFile)('sync', ['-f', disk.path])
      const clientFor = (user: (typeof users)[number]) => clientOf(instance.url, user)
      const writers = startWriters({ users, callers, random: random.fork(cut), clientFor, hasBrokenCallers: false })
      await until('writes to be acknowledged', () => writers.sentWrites.acknowledged >= between)
      // Stops all processes of PostgreSQL, so that nothing more is written; data that the kernel has not written is
      // lost. The postmaster is first, so that it starts no process while the others are listed.
      for (const count of [1, Infinity]) {
        const processes = (await server.processes()).slice(0, count)
        signalAll(processes, 'SIGSTOP')
        await until('PostgreSQL to stop', async () => (await Promise.all(processes.map(isStopped))).every(Boolean))
      }
      const entries = writers.sentWrites.entries.map((entry) => ({ ...entry }))
      const copy = join(directory, `${cut}.img`)
      await promisify(execFile)('cp', ['--sparse=always', image, copy])
      // Callers that are still waiting get no response.
      await writers.abandon()
      await instance.kill()
      await server.kill()
      for (const entry of entries)
        all.entries.push(entry.state === 'acknowledged' ? entry : { ...entry, state: 'cut off' })
      for (const [name, count] of Object.entries(tallyMetrics(writers.tally)))
        totals[name] = (totals[name] ?? 0) + count
      await rm(image)
      image = copy
      print(`${cut} of ${cuts} power cuts, ${all.entries.length} writes sent`)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  const acknowledged = all.entries.filter(({ state }) => state === 'acknowledged').length
  return {
    metrics: {
      cuts,
      callers,
      ...totals,
      acknowledged,
      'cut off': all.entries.length - acknowledged,
      lost: violations.length === 0 ? 0 : violations.join('; '),
    },
    violations,
  }
}

/** Whether the process is stopped or has ended. */
async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' ) T')
  return 'TtZX'.includes(stat.slice(stat.lastIndexOf(')') + 2).charAt(0))
}
