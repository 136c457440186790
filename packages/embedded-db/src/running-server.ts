import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { parseVersion } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { errorCode, failure, messageOf } from './failure.ts'
import { findPidOwner, isAttached, processExists } from './pid-owner.ts'
import { isSameStart, type PidFile, readPidFile } from './pid-file.ts'

export type RunningServer =
  | { state: 'none' }
  /** A server runs, but does not accept connections: it is starting, stopping or full. */
  | { state: 'busy'; reason: string }
  | { state: 'ready'; pid: number; port: number; version: string }

const WRONG_PASSWORD = ['28P01', '28000']

/**
 * Finds the server of the cluster, started by this process or another. If the server at the port in the pid file reads
 * that same file, it is the cluster's server. It may run in another pid namespace, so that its pid means another
 * process here.
 */
export async function findRunningServer(cluster: Cluster): Promise<RunningServer> {
  const pidFile = await readPidFile(cluster.data)
  if (!pidFile) return { state: 'none' }
  const { pid, port, status } = pidFile
  if (pid === undefined) return { state: 'busy', reason: `${pidFile.path} is empty` }
  const isServer = (await findPidOwner(pidFile, cluster.data)) === 'server'
  if (port !== undefined && status === 'ready') {
    const response = await identifyServer(cluster, port, pidFile)
    if ('version' in response) return { state: 'ready', pid, port, version: response.version }
    if (isServer && response.wrongPassword) throw wrongPassword(cluster, port, response.error)
    if (isServer)
      return { state: 'busy', reason: `process ${pid} does not accept connections: ${messageOf(response.error)}` }
  } else if (isServer)
    return { state: 'busy', reason: `process ${pid} does not accept connections: its status is ${status || 'unknown'}` }
  if (!processExists(pid)) return { state: 'none' }
  if (await isAttached(pidFile))
    return { state: 'busy', reason: 'a server of another container or pid namespace uses its shared memory' }
  await removeStalePidFile(pidFile, cluster.data)
  return { state: 'none' }
}

/**
 * PostgreSQL ignores a pid file whose process has ended. But it refuses to start if another process now has that pid,
 * as happens when a container restarts. So the file is removed here, if it has not changed since it was read. A server
 * that starts in between is protected by PostgreSQL's check of its shared memory.
 */
async function removeStalePidFile(pidFile: PidFile, data: string): Promise<void> {
  if ((await readPidFile(data))?.text === pidFile.text) await rm(pidFile.path, { force: true })
}

export function adminUrl(cluster: Cluster, port: number): string {
  return `postgres://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/postgres`
}

type Identity = { version: string } | { wrongPassword: boolean; error: unknown }

/** Connects to the port and checks that its server wrote the pid file. */
async function identifyServer(cluster: Cluster, port: number, pidFile: PidFile): Promise<Identity> {
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
      return { wrongPassword: false, error: new Error(`port ${port} belongs to another server`) }
    return { version: parseVersion(row.version)?.version ?? row.version }
  } catch (error) {
    return { wrongPassword: WRONG_PASSWORD.includes(errorCode(error) ?? ''), error }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function wrongPassword(cluster: Cluster, port: number, error: unknown): Error {
  return failure(
    {
      what: `PostgreSQL on ${cluster.data}, port ${port}`,
      why: `it refuses the password of ${join(cluster.directory, 'password')}: ${messageOf(error)}`,
      remedy: 'Write the right password into that file, or move the directory away to start with an empty database',
    },
    error,
  )
}
