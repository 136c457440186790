import { spawn } from 'node:child_process'
import { mkdirSync, openSync, closeSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pinned } from '../measure/pinning.ts'
import type { BenchDatabase } from '../seed/database.ts'
import type { Server } from './calls.ts'

export interface RunningServer extends AsyncDisposable {
  name: Server
  pid: number
  port: number
  /** Milliseconds from the start of the process to its first answer. */
  startedMs: number
}

export interface StartOptions {
  name: Server
  database: BenchDatabase
  /** Where its log goes. */
  directory: string
  /** A port in front of the database, where that is not the database's own. */
  databasePort?: number
  /** Connections to the database; POOL unless told. */
  pool?: number
  /** Other settings, say to let it bring a database of its own. */
  environment?: Record<string, string>
  /** Processes of taskwire's, on whatever cores; unless told one, on the server's. */
  workers?: number
  /** Another program than the subject's, with the same settings. */
  program?: string
}

export const POOL = 20
const PATIENCE_MS = 30_000
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const PROGRAMS: Record<Server, string> = {
  floor: 'bench/src/subjects/floor/server.ts',
  stock: 'bench/src/subjects/stock/server.ts',
  postgraphile: 'bench/src/subjects/postgraphile/server.ts',
  nest: 'bench/.build/nest/main.js',
  taskwire: 'apps/api/src/main.ts',
}

/** Each as it would be in production: its own settings, a pool of 20, the database ready. */
function environmentOf(
  name: Server,
  database: BenchDatabase,
  databasePort: number,
  pool: number,
): Record<string, string> {
  const url = (role: Parameters<BenchDatabase['url']>[0]): string => database.url(role, databasePort)
  switch (name) {
    case 'floor':
    case 'nest':
      return { DATABASE_URL: url('bench_open'), POOL_MAX: String(pool) }
    case 'stock':
    case 'postgraphile':
      return { DATABASE_URL: url('bench_fenced'), POOL_MAX: String(pool) }
    case 'taskwire':
      return {
        DATABASE_URL: url('taskwire_app'),
        DATABASE_AUTH_URL: url('taskwire_auth'),
        // Waking other processes is behind the answers, and no round trip of a call's.
        DATABASE_DIRECT_URL: database.url('taskwire_app'),
        DATABASE_POOL_MAX: String(pool),
        TASKWIRE_SECRET: 'only-for-the-benchmark-only-for-the-benchmark',
        RATE_LIMIT_PER_MINUTE: '10000000',
        // The seeded Changes are none that a sweep in the middle should drop.
        CHANGES_KEPT_DAYS: '36500',
      }
  }
}

/** Starts a subject's process and waits for its first answer. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { name, database, directory, databasePort = database.port, pool = POOL, environment, workers } = options
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const logFile = join(directory, `${name}.log`)
  const log = openSync(logFile, 'w')
  const script = join(ROOT, options.program ?? PROGRAMS[name])
  const [program, args] =
    workers === undefined ? pinned('server', [process.execPath, script]) : [process.execPath, [script]]
  const started = performance.now()
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PORT: String(port),
      ...(environment ?? environmentOf(name, database, databasePort, pool)),
      ...(workers === undefined ? {} : { WORKERS: String(workers) }),
    },
  })
  closeSync(log)
  const endWithThis = (): void => void child.kill('SIGTERM')
  process.once('exit', endWithThis)
  const state: { ended?: string } = {}
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      state.ended = error.message
      resolve()
    })
    child.once('exit', (code, signal) => {
      process.removeListener('exit', endWithThis)
      state.ended = `its process ended with ${signal ?? `code ${code}`}`
      resolve()
    })
  })
  async function stop(): Promise<void> {
    if (state.ended !== undefined) return
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(late)
  }
  while (state.ended === undefined && performance.now() - started < PATIENCE_MS) {
    if ((await answers(name, port)) && (workers === undefined || (await processesAt(port)) === workers)) {
      const startedMs = performance.now() - started
      return { name, pid: child.pid ?? 0, port, startedMs, [Symbol.asyncDispose]: stop }
    }
    await pause(5)
  }
  const why = state.ended ?? `it did not answer within ${PATIENCE_MS / 1000} s`
  await stop()
  throw new Error(
    `${name} did not start: ${why}. The end of its log (${logFile}):\n${tail(logFile)}\nMend that, or leave it out by --subject.`,
  )
}

// Any answer counts that has asked the database: what is not ready says so by its status.
const PROBES: Record<Server, [path: string, init?: RequestInit]> = {
  floor: [
    '/tasks/00000000-0000-0000-0000-000000000000',
    { headers: { 'x-user': '00000000-0000-0000-0000-000000000000' } },
  ],
  stock: [
    '/trpc/get?input=%7B%22id%22%3A%2200000000-0000-4000-8000-000000000000%22%7D',
    { headers: { authorization: 'Bearer x' } },
  ],
  postgraphile: [
    '/graphql',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
      body: '{"query":"{__typename}"}',
    },
  ],
  nest: ['/tasks', { headers: { authorization: 'Bearer x' } }],
  taskwire: ['/health/ready'],
}

async function answers(name: Server, port: number): Promise<boolean> {
  const [path, init] = PROBES[name]
  try {
    const { status, body } = await fetch(`http://127.0.0.1:${port}${path}`, init)
    await body?.cancel()
    return status < 500
  } catch {
    return false
  }
}

async function processesAt(port: number): Promise<number> {
  try {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return Number(/^taskwire_processes (\d+)$/m.exec(text)?.[1])
  } catch {
    return 0
  }
}

export function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
