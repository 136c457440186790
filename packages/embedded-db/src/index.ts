import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findBinDirectory } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { failure, messageOf } from './failure.ts'
import { chooseLauncher } from './launcher.ts'
import { adminUrl, findRunningServer } from './running-server.ts'
import { serverArguments } from './settings.ts'
import { startServer } from './start-server.ts'
import type { ServerPlan } from './start-server.ts'
import { pause, timeLeft, waitFor } from './wait.ts'
import type { Wait } from './wait.ts'

export interface EmbeddedDatabaseOptions {
  /**
   * Where the cluster lives: `data`, `password`, `postgres.log`. Made with mode 0700 if missing.
   */
  directory: string
  /**
   * Default true. False is for tests only: a stop of the machine may lose or spoil the data
   * (initdb --no-sync; fsync, full_page_writes and synchronous_commit off).
   */
  durable?: boolean
  /** Programs of another PostgreSQL, 15 to 18. Default: the 18 of the npm package. */
  binDirectory?: string
  /** More server settings, such as `{ work_mem: '16MB' }`. A server that is reused keeps its own. */
  settings?: Record<string, string>
  /** Milliseconds until it has to answer. Default 60 000. */
  startTimeoutMs?: number
  /** Cancels the start. Has no effect once the database is returned. */
  signal?: AbortSignal
}

export interface EmbeddedDatabase extends AsyncDisposable {
  /** `postgres://postgres:<password>@127.0.0.1:<port>/postgres`, the superuser. */
  adminUrl: string
  port: number
  /** Absolute. */
  directory: string
  /** For example '18.4'. */
  version: string
  /** True when the server ran already; `stop` leaves it running then. */
  reused: boolean
  /** Fast shutdown; resolves when the server has ended. Further calls do nothing. */
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL on a directory, or finds the server that runs on it already. It listens on
 * 127.0.0.1 only, on a new port at every start. On Linux it is stopped when this process dies,
 * however that happens; elsewhere a killed process leaves it running, and the next start reuses it.
 *
 * Throws an Error named EmbeddedDatabaseError that says what is wrong and what to do, or the
 * signal's reason.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  options.signal?.throwIfAborted()
  const wait = waitFor(options.startTimeoutMs ?? 60_000, options.signal)
  const durable = options.durable ?? true
  const settings = serverArguments(durable, options.settings)
  const directory = resolve(options.directory)
  await makeDirectory(directory)
  const binDirectory = await findBinDirectory(options.binDirectory && resolve(options.binDirectory))
  const launch = await chooseLauncher(binDirectory, directory, wait)
  const cluster = await ensureCluster({ directory, binDirectory, launch, durable }, wait)
  return await findOrStart({ cluster, binDirectory, launch, settings }, wait)
}

/**
 * Looks and starts in turns until one of both works. No lock of ours: PostgreSQL lets one server
 * into a data directory, so of several starts one succeeds and the others find it.
 */
async function findOrStart(plan: ServerPlan, wait: Wait): Promise<EmbeddedDatabase> {
  const { cluster } = plan
  let why = ''
  do {
    wait.signal?.throwIfAborted()
    const found = await findRunningServer(cluster)
    if (found.state === 'ready') {
      return databaseOf(plan, found, true, () => Promise.resolve())
    }
    if (found.state === 'none') {
      const outcome = await startServer(plan, wait)
      if (outcome.started) return databaseOf(plan, outcome, false, () => outcome.server.stop())
      why = outcome.why
    } else {
      why = found.why
    }
    await pause(wait)
  } while (timeLeft(wait) > 0)
  throw failure({
    what: `PostgreSQL on ${cluster.data}`,
    why: `it did not answer in time: ${why}`,
    remedy: `Raise startTimeoutMs; or, if no PostgreSQL runs there, remove ${cluster.data}/postmaster.pid`,
  })
}

function databaseOf(
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

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw failure(
      {
        what: `directory ${directory}`,
        why: messageOf(error),
        remedy: 'Give a directory that this user may make and write',
      },
      error,
    )
  }
}
