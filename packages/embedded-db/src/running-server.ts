import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { parseVersion } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { errorCode, failure, messageOf } from './failure.ts'
import { isServerOf, readPidFile, removeIfStale } from './pid-file.ts'

export type RunningServer =
  | { state: 'none' }
  /** alive, and it does not answer: it starts, stops or is full */
  | { state: 'busy'; pid: number | undefined; why: string }
  | { state: 'ready'; pid: number; port: number; version: string }

const WRONG_PASSWORD = ['28P01', '28000']

/** The server that runs on the cluster, whoever started it. */
export async function findRunningServer(cluster: Cluster): Promise<RunningServer> {
  const pidFile = await readPidFile(cluster.data)
  if (!pidFile) return { state: 'none' }
  const { pid, port, status } = pidFile
  if (pid === undefined) return { state: 'busy', pid, why: `${pidFile.path} is empty` }
  if (!(await isServerOf(pid, cluster.data))) {
    await removeIfStale(pidFile, cluster.data)
    return { state: 'none' }
  }
  if (port === undefined || status !== 'ready') {
    return { state: 'busy', pid, why: `its status is ${status || 'unknown'}` }
  }
  const answer = await ask(cluster, port)
  if ('why' in answer) return { state: 'busy', pid, why: answer.why }
  return { state: 'ready', pid, port, version: answer.version }
}

export function adminUrl(cluster: Cluster, port: number): string {
  return `postgres://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/postgres`
}

async function ask(cluster: Cluster, port: number): Promise<{ version: string } | { why: string }> {
  const sql = postgres(adminUrl(cluster, port), {
    max: 1,
    ssl: false,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => {},
  })
  try {
    const [row] = await sql<{ version: string; data: string }[]>`
      select current_setting('server_version') as version, current_setting('data_directory') as data`
    if (!row || (await realpath(row.data)) !== (await realpath(cluster.data))) {
      return { why: `port ${port} belongs to another server` }
    }
    return { version: parseVersion(row.version)?.version ?? row.version }
  } catch (error) {
    if (WRONG_PASSWORD.includes(errorCode(error) ?? '')) throw refused(cluster, port, error)
    return { why: messageOf(error) }
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
