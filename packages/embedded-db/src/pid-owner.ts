import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { runCommand } from './command.ts'
import { errorCode } from './failure.ts'
import type { PidFile } from './pid-file.ts'
import { waitFor } from './wait.ts'

/** The process that has the pid of a pid file: the server that wrote the file, another process, or none. */
export type PidOwner = 'server' | 'other' | 'none'

/** Tolerance for a clock that was set since the server started. */
const CLOCK_TOLERANCE_MS = 60_000
/** Linux reports the start times of processes in hundredths of a second. */
const TICK_MS = 10
const PS_TIMEOUT_MS = 5000

/** Finds the process that has the pid now. Pids are reused, by other users too, and soon after a container restarts. */
export async function findPidOwner(
  { pid, startedAt }: Pick<PidFile, 'pid' | 'startedAt'>,
  data: string,
): Promise<PidOwner> {
  if (pid === undefined || !processExists(pid)) return 'none'
  if (process.platform !== 'linux') return (await readProgramName(pid)) === 'postgres' ? 'server' : 'other'
  try {
    // The working directory of a server is its data directory. A zombie has none.
    const [cwd, dataDirectory] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(data)])
    return cwd.dev === dataDirectory.dev && cwd.ino === dataDirectory.ino ? 'server' : 'other'
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'none'
  }
  // We may not be allowed to read the working directory of another user's process, but its name and start time are
  // public.
  const stats = await readProcessStat(pid)
  if (stats === undefined) return 'none'
  const isLater = startedAt !== undefined && stats.startedAt > startedAt + CLOCK_TOLERANCE_MS
  return stats.name === 'postgres' && !isLater ? 'server' : 'other'
}

/** Also false for a process that we may not signal: it belongs to another user, so it is no server on our files. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function readProcessStat(pid: number): Promise<{ name: string; startedAt: number } | undefined> {
  try {
    const [own, system] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/stat', 'utf8')])
    // The name, in parentheses, may contain parentheses. Field 22 is the start time since boot, in ticks.
    const end = own.lastIndexOf(')')
    const ticks = Number(own.slice(end + 2).split(' ')[19])
    const bootedAt = Number(/^btime (\d+)$/m.exec(system)?.[1])
    return { name: own.slice(own.indexOf('(') + 1, end), startedAt: bootedAt * 1000 + ticks * TICK_MS }
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}

/** Returns the name of the process's program, for systems without /proc. */
export async function readProgramName(pid: number): Promise<string> {
  const { stdout } = await runCommand(['ps', '-o', 'comm=', '-p', String(pid)], waitFor(PS_TIMEOUT_MS))
  return basename(stdout.trim())
}

/**
 * True if any process is attached to the server's shared memory. PostgreSQL's own lock of a data directory relies on
 * this check, which works across pid namespaces. False if it cannot be determined.
 */
export async function isAttached({ sharedMemory }: PidFile): Promise<boolean> {
  if (sharedMemory === undefined) return false
  const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')
  return table.split('\n').some((line) => {
    const [key = '', id, , , , , attached] = line.trim().split(/\s+/)
    return id === sharedMemory.id && /^-?\d+$/.test(key) && toKey(key) === toKey(sharedMemory.key) && attached !== '0'
  })
}

// /proc prints the key as a signed number, PostgreSQL as an unsigned one.
const toKey = (text: string): bigint => BigInt.asIntN(32, BigInt(text))
