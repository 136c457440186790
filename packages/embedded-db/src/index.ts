import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findBinDirectory } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { failure, messageOf } from './failure.ts'
import { chooseLauncher } from './launcher.ts'
import { adminUrl, findRunningServer } from './running-server.ts'
import { serverArguments } from './settings.ts'
import { type ServerPlan, startServer } from './start-server.ts'
import { pause, timeLeft, type Wait, waitFor } from './wait.ts'

export interface EmbeddedDatabaseOptions {
  /** Directory of the cluster: `data`, `password`, `postgres.log`. Created with mode 0700 if missing. */
  directory: string
  /**
   * Default true. False is for tests only: the data may be lost or damaged if the machine stops (initdb --no-sync;
   * fsync, full_page_writes and synchronous_commit off).
   */
  durable?: boolean
  /** Bin directory of another PostgreSQL, 15 to 18. Default: PostgreSQL 18 from the npm package. */
  binDirectory?: string
  /** More server settings, such as `{ work_mem: '16MB' }`. Ignored by a server that is reused. */
  settings?: Record<string, string>
  /** Milliseconds within which the server must accept connections. Default 60,000. */
  startTimeoutMs?: number
}

export interface EmbeddedDatabase extends AsyncDisposable {
  /** URL of the superuser: `postgres://postgres:<password>@127.0.0.1:<port>/postgres`. */
  adminUrl: string
  port: number
  /** Absolute path. */
  directory: string
  /** For example '18.4'. */
  version: string
  /** True if the server was already running; then `stop` leaves it running. */
  reused: boolean
  /** Shuts down (fast mode); resolves when the server has ended. Further calls do nothing. */
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL on a directory, or finds the server that already runs on it. The server listens on 127.0.0.1 only,
 * on a new port at every start. On Linux, the server stops when this process ends, even if the process is killed.
 * Elsewhere, the server keeps running if the process is killed, and the next start reuses it.
 *
 * Throws an Error named EmbeddedDatabaseError, whose message says what failed, why, and what to do.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const wait = waitFor(options.startTimeoutMs ?? 60_000)
  const durable = options.durable ?? true
  const settings = serverArguments(durable, options.settings)
  const directory = resolve(options.directory)
  await createDirectory(directory)
  const binDirectory = await findBinDirectory(options.binDirectory && resolve(options.binDirectory))
  const launch = await chooseLauncher(binDirectory, directory, wait)
  const cluster = await ensureCluster({ directory, binDirectory, launch, durable }, wait)
  return await findOrStart({ cluster, binDirectory, launch, settings }, wait)
}

/**
 * Looks for a server, then tries to start one, and repeats this until either succeeds. No lock is needed: PostgreSQL
 * allows one server per data directory, so one of several starts succeeds, and the others find its server.
 */
async function findOrStart(plan: ServerPlan, wait: Wait): Promise<EmbeddedDatabase> {
  const { cluster } = plan
  let reason = ''
  do {
    const found = await findRunningServer(cluster)
    if (found.state === 'ready') {
      return toDatabase(plan, found, true, () => Promise.resolve())
    }
    if (found.state === 'none') {
      const outcome = await startServer(plan, wait)
      if (outcome.started) return toDatabase(plan, outcome, false, () => outcome.server.stop())
      reason = outcome.reason
    } else {
      reason = found.reason
    }
    await pause()
  } while (timeLeft(wait) > 0)
  throw failure({
    what: `PostgreSQL on ${cluster.data}`,
    why: `it did not accept connections in time: ${reason}`,
    remedy: `Raise startTimeoutMs. If no PostgreSQL runs there, remove ${cluster.data}/postmaster.pid`,
  })
}

function toDatabase(
  { cluster }: ServerPlan,
  { port, version }: { port: number; version: string },
  reused: boolean,
  stop: () => Promise<void>,
): EmbeddedDatabase {
  return {
    adminUrl: adminUrl(cluster, port),
    port,
    directory: cluster.directory,
    version,
    reused,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function createDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw failure(
      {
        what: `directory ${directory}`,
        why: messageOf(error),
        remedy: 'Choose a directory that this user may create and write',
      },
      error,
    )
  }
}
