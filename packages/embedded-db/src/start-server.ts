import type { Cluster } from './cluster.ts'
import { giveAway } from './cluster.ts'
import { failure } from './failure.ts'
import { freePort } from './free-port.ts'
import type { Launch } from './launcher.ts'
import { findRunningServer } from './running-server.ts'
import { lastLines, linesOfProcess, openServerLog, readServerLog } from './server-log.ts'
import type { ServerLog } from './server-log.ts'
import { startServerProcess } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'
import { pause, timeLeft } from './wait.ts'
import type { Wait } from './wait.ts'

export interface ServerPlan {
  cluster: Cluster
  binDirectory: string
  launch: Launch
  settings: readonly string[]
}

export type StartOutcome =
  | { started: true; server: ServerProcess; port: number; version: string }
  /** nothing is wrong, and another look is due */
  | { started: false; why: string }

/** What a server says that ended because of others: one that runs, a lost port, a dying one. */
const WORTH_ANOTHER_LOOK = [
  /lock file "postmaster\.pid" (already exists|is empty)/,
  /could not bind .*Address already in use/,
  /pre-existing shared memory block/,
]

/** Starts a server on a free port and waits until it answers. */
export async function startServer(plan: ServerPlan, wait: Wait): Promise<StartOutcome> {
  const { cluster, launch } = plan
  await giveAway(cluster.data, launch, wait)
  const port = await freePort()
  const log = await openServerLog(cluster.directory)
  try {
    const server = await startServerProcess({ ...plan, launcher: launch.launcher, data: cluster.data, port }, log)
    return await untilItAnswers(cluster, server, log, wait)
  } finally {
    await log.file.close()
  }
}

async function untilItAnswers(
  cluster: Cluster,
  server: ServerProcess,
  log: ServerLog,
  wait: Wait,
): Promise<StartOutcome> {
  try {
    let why = 'it is starting'
    while (!server.hasExited()) {
      const found = await findRunningServer(cluster)
      if (found.state === 'ready' && found.pid === server.pid) {
        return { started: true, server, port: found.port, version: found.version }
      }
      if (found.state === 'busy') why = found.why
      if (timeLeft(wait) === 0) throw await tooLate(cluster, log, why)
      await pause(wait)
    }
  } catch (error) {
    await server.stop()
    throw error
  }
  return await whyItEnded(cluster, server, log)
}

async function whyItEnded(cluster: Cluster, server: ServerProcess, log: ServerLog): Promise<StartOutcome> {
  const how = await server.exited
  const text = await readServerLog(log)
  const own = linesOfProcess(text, server.pid)
  for (const pattern of WORTH_ANOTHER_LOOK) {
    const [why] = pattern.exec(own) ?? []
    if (why !== undefined) return { started: false, why }
  }
  throw failure({
    what: `PostgreSQL on ${cluster.data}`,
    why: `it ${how} while starting and logged:\n${lastLines(text)}\n`,
    remedy: `Remove the cause and start again; the whole log is ${log.path}`,
  })
}

async function tooLate(cluster: Cluster, log: ServerLog, why: string): Promise<Error> {
  return failure({
    what: `PostgreSQL on ${cluster.data}`,
    why: `it did not answer in time (${why}) and logged:\n${lastLines(await readServerLog(log))}\n`,
    remedy: 'Raise startTimeoutMs, or remove the cause and start again',
  })
}
