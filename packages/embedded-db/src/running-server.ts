import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { parseVersion } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { errorCode, failure, messageOf } from './failure.ts'
import { holderOf, isAttached, processExists } from './holder.ts'
import { isSameStart, type PidFile, readPidFile } from './pid-file.ts'

export type RunningServer =
  | { state: 'none' }
  /** alive, and it does not answer: it starts, stops or is full */
  | { state: 'busy'; why: string }
  | { state: 'ready'; pid: number; port: number; version: string }

const WRONG_PASSWORD = ['28P01', '28000']

/**
 * The server that runs on the cluster, started by this process or another. What answers at its port and has the very
 * pid file is it, whatever process has its number here: that of another pid namespace says nothing.
 */
export async function findRunningServer(cluster: Cluster): Promise<RunningServer> {
  const pidFile = await readPidFile(cluster.data)
  if (!pidFile) return { state: 'none' }
  const { pid, port, status } = pidFile
  if (pid === undefined) return { state: 'busy', why: `${pidFile.path} is empty` }
  const isServer = (await holderOf(pidFile, cluster.data)) === 'server'
  if (port !== undefined && status === 'ready') {
    const answer = await ask(cluster, port, pidFile)
    if ('version' in answer) return { state: 'ready', pid, port, version: answer.version }
    if (isServer && answer.refused) throw refused(cluster, port, answer.error)
    if (isServer) return { state: 'busy', why: `process ${pid} does not answer: ${messageOf(answer.error)}` }
  } else if (isServer)
    return { state: 'busy', why: `process ${pid} does not answer: its status is ${status || 'unknown'}` }
  if (!processExists(pid)) return { state: 'none' }
  if (await isAttached(pidFile))
    return { state: 'busy', why: 'a server of another container or pid namespace holds its shared memory' }
  await removeStale(pidFile, cluster.data)
  return { state: 'none' }
}

/**
 * PostgreSQL itself overcomes a pid file whose process is gone, but not one whose number somebody
 * else has now, as happens whenever a container restarts. Unchanged since it was read, it is
 * removed; a server starting in between is still safe by PostgreSQL's check of its shared memory.
 */
async function removeStale(pidFile: PidFile, data: string): Promise<void> {
  if ((await readPidFile(data))?.text === pidFile.text) await rm(pidFile.path, { force: true })
}

export function adminUrl(cluster: Cluster, port: number): string {
  return `postgres://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/postgres`
}

type Answer = { version: string } | { refused: boolean; error: unknown }

async function ask(cluster: Cluster, port: number, pidFile: PidFile): Promise<Answer> {
  const sql = postgres(adminUrl(cluster, port), {
    max: 1,
    ssl: false,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => {},
  })
  try {
    const [row] = await sql<{ version: string; pid_file: string }[]>`
      select current_setting('server_version') as version, pg_read_file('postmaster.pid') as pid_file`
    if (!row || !isSameStart(row.pid_file, pidFile.text))
      return { refused: false, error: new Error(`port ${port} belongs to another server`) }
    return { version: parseVersion(row.version)?.version ?? row.version }
  } catch (error) {
    return { refused: WRONG_PASSWORD.includes(errorCode(error) ?? ''), error }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function refused(cluster: Cluster, port: number, error: unknown): Error {
  return failure(
    {
      what: `PostgreSQL on ${cluster.data}, port ${port}`,
      why: `it refuses the password of ${join(cluster.directory, 'password')}: ${messageOf(error)}`,
      remedy: 'Put the right password into that file, or move the directory away to begin with an empty database',
    },
    error,
  )
}
