import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { runCommand } from './command.ts'
import { errorCode } from './failure.ts'
import type { PidFile } from './pid-file.ts'
import { waitFor } from './wait.ts'

/** Who has the number that a pid file names: its server, somebody else, or nobody. */
export type Holder = 'server' | 'stranger' | 'nobody'

/** What the clock may have been set by since the server started, for a process that shows its start only. */
const CLOCK_MS = 60_000
/** Linux tells times of processes in hundredths of a second. */
const TICK_MS = 10
const PS_MS = 5000

/** Who has the number now: it is given out again, to other users as well, and in a restarted container soon. */
export async function holderOf({ pid, startedAt }: Pick<PidFile, 'pid' | 'startedAt'>, data: string): Promise<Holder> {
  if (pid === undefined || !processExists(pid)) return 'nobody'
  if (process.platform !== 'linux') return (await programByPs(pid)) === 'postgres' ? 'server' : 'stranger'
  try {
    // A server works in its data directory. So does no stranger, and a zombie works nowhere.
    const [itsOwn, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(data)])
    return itsOwn.dev === ours.dev && itsOwn.ino === ours.ino ? 'server' : 'stranger'
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'nobody'
  }
  // Another user's, or one that nobody may look into: its name and its start are there for all to read.
  const seen = await statOf(pid)
  if (seen === undefined) return 'nobody'
  const isLater = startedAt !== undefined && seen.startedAt > startedAt + CLOCK_MS
  return seen.name === 'postgres' && !isLater ? 'server' : 'stranger'
}

/** As PostgreSQL sees it: a process that cannot be signalled is another user's, and no server on our files. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function statOf(pid: number): Promise<{ name: string; startedAt: number } | undefined> {
  try {
    const [own, system] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/stat', 'utf8')])
    // The name, in brackets, may hold brackets; the 22nd field of all is the start, since the machine's.
    const end = own.lastIndexOf(')')
    const ticks = Number(own.slice(end + 2).split(' ')[19])
    const booted = Number(/^btime (\d+)$/m.exec(system)?.[1])
    return { name: own.slice(own.indexOf('(') + 1, end), startedAt: booted * 1000 + ticks * TICK_MS }
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}

/** The name of its program where there is no /proc. */
export async function programByPs(pid: number): Promise<string> {
  const { stdout } = await runCommand(['ps', '-o', 'comm=', '-p', String(pid)], waitFor(PS_MS, undefined))
  return basename(stdout.trim())
}

/**
 * Whether a process, of whatever number, is attached to the server's shared memory: this is what PostgreSQL's own
 * lock of a data directory goes by, and it is the same in every pid namespace. False where that cannot be seen.
 */
export async function isAttached({ sharedMemory }: PidFile): Promise<boolean> {
  if (sharedMemory === undefined) return false
  const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')
  return table.split('\n').some((line) => {
    const [key = '', id, , , , , attached] = line.trim().split(/\s+/)
    return id === sharedMemory.id && /^-?\d+$/.test(key) && asKey(key) === asKey(sharedMemory.key) && attached !== '0'
  })
}

// One prints it with its sign, the other without.
const asKey = (text: string): bigint => BigInt.asIntN(32, BigInt(text))
