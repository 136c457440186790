import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type * as ClientPackage from '../../../packages/client/src/index.ts'
import { cpuOfFamily, cpuOfProcess } from '../measure/processes.ts'
import { freePort, tail } from '../subjects/start-server.ts'
import { ROOT } from './check-out.ts'

/** The service of one tree, on a PostgreSQL of its own, with callers who are signed in. */
export interface Side extends AsyncDisposable {
  clients: ClientPackage.Client[]
  /** CPU time used so far, in microseconds; undefined where the platform does not tell. */
  cpu(): { serviceUs: number; postgresUs: number } | undefined
  postgres: string
}

export interface SideOptions {
  tree: string
  /** Whose client calls it. */
  clientOf: string
  /** For its database and its log. */
  directory: string
  callers: number
  signal: AbortSignal
}

const PATIENCE_MS = 60_000

/** As in production; of its settings only the rate limit is raised. */
export async function startSide({ tree, clientOf, directory, callers, signal }: SideOptions): Promise<Side> {
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logFile = join(directory, 'service.log')
  const database = join(directory, 'database')
  const log = openSync(logFile, 'w')
  const child = spawn(process.execPath, ['apps/api/src/main.ts'], {
    cwd: tree,
    // Ctrl-C in a terminal is not for it: it is ended below.
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
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await exited
    clearTimeout(late)
  })
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isReady(url))) {
    signal.throwIfAborted()
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`The service of ${tree} did not start. The end of its log:\n${tail(logFile)}`)
    await pause(50)
  }
  // What the client package of that tree exports: where the contract is another, the calls tell.
  const { createClient, signUp } = (await import(
    pathToFileURL(join(clientOf, 'packages/client/src/index.ts')).href
  )) as typeof ClientPackage
  const clients: ClientPackage.Client[] = []
  for (let n = 0; n < callers; n++) {
    const { token } = await signUp({ url, email: `caller-${n}@example.com`, password: 'only for this run', name: 'C' })
    // A call that fails is to end the run, and not to be sent again.
    clients.push(createClient({ url, token, retry: { tries: 1 } }))
  }
  const postmaster = Number.parseInt(readFileSync(join(database, 'data', 'postmaster.pid'), 'utf8'), 10)
  const kept = acquired.move()
  return {
    clients,
    postgres: /embedded PostgreSQL ([\d.]+)/.exec(readFileSync(logFile, 'utf8'))?.[1] ?? 'unknown',
    cpu: () =>
      existsSync('/proc/self/stat')
        ? { serviceUs: cpuOfProcess(child.pid ?? 0), postgresUs: cpuOfFamily(postmaster) }
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

/** The hash of a tree's contract. */
export function contractOf(tree: string): string | undefined {
  try {
    return /CONTRACT_HASH = '(\w+)'/.exec(readFileSync(join(tree, 'packages/contract/src/hash.ts'), 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

/** Whose client calls a tree: ours, where both speak the same contract. */
export const clientFor = (tree: string): string => (contractOf(tree) === contractOf(ROOT) ? ROOT : tree)
