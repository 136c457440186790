import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type * as ClientPackage from '../../../packages/client/src/index.ts'
import { cpuOfTree, cpuOfProcess } from '../measure/processes.ts'
import { freePort, tail } from '../subjects/start-server.ts'
import { ROOT } from './check-out.ts'

/** The service of one tree, on a PostgreSQL of its own, with signed-in callers. */
export interface Side extends AsyncDisposable {
  clients: ClientPackage.Client[]
  /** CPU time used so far, in microseconds; undefined if the platform does not report it. */
  cpu(): { serviceUs: number; postgresUs: number } | undefined
  postgres: string
}

export interface SideOptions {
  tree: string
  /** The tree whose client is used. */
  clientOf: string
  /** Directory of its database and log. */
  directory: string
  callers: number
  signal: AbortSignal
}

const START_TIMEOUT_MS = 60_000

/** Starts a service as in production; only its rate limit is raised. */
export async function startSide({ tree, clientOf, directory, callers, signal }: SideOptions): Promise<Side> {
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logFile = join(directory, 'service.log')
  const database = join(directory, 'database')
  const log = openSync(logFile, 'w')
  const child = spawn(process.execPath, ['apps/api/src/main.ts'], {
    cwd: tree,
    // Ctrl-C must not reach the service, which is stopped below.
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'production',
      PORT: String(port),
      TASKWIRE_DIRECTORY: database,
      RATE_LIMIT_PER_MINUTE: '10000000',
    },
  })
  closeSync(log)
  const exited = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()))
  await using acquired = new AsyncDisposableStack()
  acquired.defer(async () => {
    child.kill('SIGTERM')
    const killTimer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await exited
    clearTimeout(killTimer)
  })
  const deadline = performance.now() + START_TIMEOUT_MS
  while (!(await isReady(url))) {
    signal.throwIfAborted()
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`The service of ${tree} did not start. The last lines of its log:\n${tail(logFile)}`)
    await pause(50)
  }
  // The client package of that tree. If its exports differ, the calls below fail.
  const { createClient, signUp } = (await import(
    pathToFileURL(join(clientOf, 'packages/client/src/index.ts')).href
  )) as typeof ClientPackage
  const clients: ClientPackage.Client[] = []
  for (let n = 0; n < callers; n++) {
    const { token } = await signUp({ url, email: `caller-${n}@example.com`, password: 'only for this run', name: 'C' })
    // A failed call must end the run, not be retried.
    clients.push(createClient({ url, token, retry: { attempts: 1 } }))
  }
  const postmaster = Number.parseInt(readFileSync(join(database, 'data', 'postmaster.pid'), 'utf8'), 10)
  const kept = acquired.move()
  return {
    clients,
    postgres: /embedded PostgreSQL ([\d.]+)/.exec(readFileSync(logFile, 'utf8'))?.[1] ?? 'unknown',
    cpu: () =>
      existsSync('/proc/self/stat')
        ? { serviceUs: cpuOfProcess(child.pid ?? 0), postgresUs: cpuOfTree(postmaster) }
        : undefined,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { status, body } = await fetch(`${url}/health/ready`)
    await body?.cancel()
    return status === 200
  } catch {
    return false
  }
}

/** Reads the hash of a tree's contract. */
export function contractOf(tree: string): string | undefined {
  try {
    return /CONTRACT_HASH = '(\w+)'/.exec(readFileSync(join(tree, 'packages/contract/src/hash.ts'), 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

/** The tree whose client to use: this one if the contracts are the same. */
export const clientFor = (tree: string): string => (contractOf(tree) === contractOf(ROOT) ? ROOT : tree)
