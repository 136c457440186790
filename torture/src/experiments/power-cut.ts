import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Options, type Result } from '../experiment.ts'
import { clientOf, startInstance } from '../instance.ts'
import { audit, createLedger } from '../ledger.ts'
import { makeImage, mountImage } from '../mounts.ts'
import { signalAll, until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { startServer } from '../server.ts'
import { startWriters, tallyFigures } from '../writers.ts'

export const promise = 'An acknowledged write survives a power cut.'
export const sabotage = 'PostgreSQL runs with fsync off'

const SIZES = {
  short: { cuts: 1, callers: 8, between: 100 },
  long: { cuts: 10, callers: 32, between: 2000 },
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { cuts, callers, between } = SIZES[size]
  const random = createRandom(seed)
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-power-'))
  // What was written before earlier cuts is there still, or it is lost.
  const all = createLedger()
  const totals: Record<string, number> = {}
  const red: string[] = []
  try {
    let image = join(directory, '0.img')
    await makeImage(image, 512)
    for (let cut = 1; cut <= cuts + 1; cut++) {
      await using disk = await mountImage(image)
      await using server = await startServer({
        directory: join(disk.path, 'db'),
        durable: true,
        settings: saboteur ? { fsync: 'off' } : {},
      })
      const { red: found } = await audit(server, all)
      red.push(...found.map((why) => `after ${cut - 1} power cuts: ${why}`))
      if (cut > cuts || red.length > 0) break

      await using instance = await startInstance(server.settings)
      // Whose accounts are of the last start are in the image; of those of this one nothing is known yet.
      const users = await server.addUsers(callers / 2, random)
      await server.query('checkpoint')
      await promisify(execFile)('sync', ['-f', disk.path])
      const clientFor = (user: (typeof users)[number]) => clientOf(instance.url, user)
      const writers = startWriters({ users, callers, random: random.fork(cut), clientFor, saboteur: false })
      await until('writes to be acknowledged', () => writers.ledger.acknowledged >= between)
      // No process writes or asks for anything any more; what the kernel still holds back is lost.
      // First the one that starts the others, so that all of them are known.
      for (const which of [1, Infinity]) {
        const processes = (await server.processes()).slice(0, which)
        signalAll(processes, 'SIGSTOP')
        await until('PostgreSQL to stand still', async () =>
          (await Promise.all(processes.map(isStopped))).every(Boolean),
        )
      }
      const seen = writers.ledger.entries.map((entry) => ({ ...entry }))
      const copy = join(directory, `${cut}.img`)
      await promisify(execFile)('cp', ['--sparse=always', image, copy])
      // Whoever was still waiting was never told anything.
      await writers.abandon()
      await instance.kill()
      await server.kill()
      for (const entry of seen)
        all.entries.push(entry.state === 'acknowledged' ? entry : { ...entry, state: 'cut off' })
      for (const [name, count] of Object.entries(tallyFigures(writers.tally)))
        totals[name] = (totals[name] ?? 0) + count
      await rm(image)
      image = copy
      say(`${cut} of ${cuts} power cuts, ${all.entries.length} writes sent`)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  const acknowledged = all.entries.filter(({ state }) => state === 'acknowledged').length
  return {
    figures: {
      cuts,
      callers,
      ...totals,
      acknowledged,
      'cut off': all.entries.length - acknowledged,
      lost: red.length === 0 ? 0 : red.join('; '),
    },
    red,
  }
}

/** Whether the process stands still, or has ended. */
async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' ) T')
  return 'TtZX'.includes(stat.slice(stat.lastIndexOf(')') + 2).charAt(0))
}
