import { changeOwner, type Cluster } from './cluster.ts'
import { failure } from './failure.ts'
import { freePort } from './free-port.ts'
import type { Launch } from './launcher.ts'
import { findRunningServer } from './running-server.ts'
import { lastLines, linesOfProcess, openServerLog, readServerLog, type ServerLog } from './server-log.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'
import { pause, timeLeft, type Wait } from './wait.ts'

export interface ServerPlan {
  cluster: Cluster
  binDirectory: string
  launch: Launch
  settings: readonly string[]
}

export type StartOutcome =
  | { started: true; server: ServerProcess; port: number; version: string }
  /** The server ended because of another server; look for that server again. */
  | { started: false; reason: string }

/** Log lines of a server that ended because another one runs, has taken its port, or has not fully ended. */
const RETRYABLE = [
  /lock file "postmaster\.pid" (already exists|is empty)/,
  /could not bind .*Address already in use/,
  /pre-existing shared memory block/,
]

/** Starts a server on a free port and waits until it accepts connections. */
export async function startServer(plan: ServerPlan, wait: Wait): Promise<StartOutcome> {
  const { cluster, launch } = plan
  await changeOwner(cluster.data, launch, wait)
  const port = await freePort()
  const log = await openServerLog(cluster.directory)
  try {
    const server = await startServerProcess({ ...plan, launcher: launch.launcher, data: cluster.data, port }, log)
    return await waitUntilReady(cluster, server, log, wait)
  } finally {
    await log.file.close()
  }
}

async function waitUntilReady(
  cluster: Cluster,
  server: ServerProcess,
  log: ServerLog,
  wait: Wait,
): Promise<StartOutcome> {
  try {
    let reason = 'it is starting'
    while (!server.hasExited()) {
      const found = await findRunningServer(cluster)
      if (found.state === 'ready' && found.pid === server.pid) {
        return { started: true, server, port: found.port, version: found.version }
      }
      if (found.state === 'busy') reason = found.reason
      if (timeLeft(wait) === 0) throw await startTimeout(cluster, log, reason)
      await pause()
    }
  } catch (error) {
    await server.stop()
    throw error
  }
  return await explainExit(cluster, server, log)
}

async function explainExit(cluster: Cluster, server: ServerProcess, log: ServerLog): Promise<StartOutcome> {
  const how = await server.exited
  const text = await readServerLog(log)
  const own = linesOfProcess(text, server.pid)
  for (const pattern of RETRYABLE) {
    const [reason] = pattern.exec(own) ?? []
    if (reason !== undefined) return { started: false, reason }
  }
  throw failure({
    what: `PostgreSQL on ${cluster.data}`,
    why: `it ${how} during the start and logged:\n${lastLines(text)}\n`,
    remedy: `Remove the cause and start again; the complete log is ${log.path}`,
  })
}

async function startTimeout(cluster: Cluster, log: ServerLog, reason: string): Promise<Error> {
  return failure({
    what: `PostgreSQL on ${cluster.data}`,
    why: `it did not accept connections in time (${reason}) and logged:\n${lastLines(await readServerLog(log))}\n`,
    remedy: 'Raise startTimeoutMs, or remove the cause and start again',
  })
}
