import { readFile, readlink, realpath, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from './failure.ts'

/** What `postmaster.pid` says; a field is undefined while the server has not written it yet. */
export interface PidFile {
  path: string
  text: string
  pid: number | undefined
  port: number | undefined
  /** 'starting', 'ready', 'stopping' or 'standby' */
  status: string | undefined
}

export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const path = join(data, 'postmaster.pid')
  try {
    const text = await readFile(path, 'utf8')
    const lines = text.split('\n')
    return {
      path,
      text,
      pid: integer(lines[0]),
      port: integer(lines[3]),
      status: lines[7]?.trim(),
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function integer(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? '', 10)
  return Number.isNaN(value) ? undefined : value
}

/**
 * Whether the process is a server on `data`: on Linux a server's working directory is its data
 * directory, which tells it from a zombie and from a stranger who was given its number.
 */
export async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!processExists(pid)) return false
  if (process.platform !== 'linux') return true
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(data))
  } catch (error) {
    return errorCode(error) !== 'ENOENT'
  }
}

/**
 * PostgreSQL itself overcomes a pid file whose process is gone, but not one whose number somebody
 * else has now, as happens whenever a container restarts. Unchanged since it was read, it is
 * removed; a server starting in between is still safe by PostgreSQL's check of its shared memory.
 */
export async function removeIfStale(pidFile: PidFile, data: string): Promise<void> {
  if (pidFile.pid === undefined || !processExists(pidFile.pid)) return
  if ((await readPidFile(data))?.text !== pidFile.text) return
  try {
    await unlink(pidFile.path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

/** As PostgreSQL sees it: a process of another user cannot be a server on our files. */
function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
