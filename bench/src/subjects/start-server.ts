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
  /** Milliseconds from the start of the process to its first response. */
  startedMs: number
}

export interface StartOptions {
  name: Server
  database: BenchDatabase
  /** Directory of its log. */
  directory: string
  /** Port of a proxy in front of the database. */
  databasePort?: number
  /** Connections to the database; POOL by default. */
  pool?: number
  /** Replaces the default settings, for instance to use an embedded database. */
  environment?: Record<string, string>
  /** Another program with the same settings. */
  program?: string
}

export const POOL = 20
const START_TIMEOUT_MS = 30_000
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const PROGRAMS: Record<Server, string> = {
  floor: 'bench/src/subjects/floor/server.ts',
  'fair-floor': 'bench/src/subjects/floor/fair-server.ts',
  stock: 'bench/src/subjects/stock/server.ts',
  postgraphile: 'bench/src/subjects/postgraphile/server.ts',
  nest: 'bench/.build/nest/main.js',
  taskwire: 'apps/api/src/main.ts',
}

/** The settings of a subject, as in production. */
function environmentOf(
  name: Server,
  database: BenchDatabase,
  databasePort: number,
  pool: number,
): Record<string, string> {
  const url = (role: Parameters<BenchDatabase['url']>[0]): string => database.url(role, databasePort)
  switch (name) {
    case 'floor':
    case 'fair-floor':
    case 'nest':
      return { DATABASE_URL: url('bench_open'), POOL_MAX: String(pool) }
    case 'stock':
    case 'postgraphile':
      return { DATABASE_URL: url('bench_fenced'), POOL_MAX: String(pool) }
    case 'taskwire':
      return {
        DATABASE_URL: url('taskwire_app'),
        DATABASE_AUTH_URL: url('taskwire_auth'),
        // Bypasses the proxy: NOTIFY is sent after the response and is not a round trip of the call.
        DATABASE_DIRECT_URL: database.url('taskwire_app'),
        DATABASE_POOL_MAX: String(pool),
        TASKWIRE_SECRET: 'only-for-the-benchmark-only-for-the-benchmark',
        RATE_LIMIT_PER_MINUTE: '10000000',
        // A sweep must not drop the seeded Changes.
        CHANGES_KEPT_DAYS: '36500',
      }
  }
}

/** Starts the process of a subject; returns after its first response, and for Taskwire when it is ready. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { name, database, directory, databasePort = database.port, pool = POOL, environment } = options
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const logFile = join(directory, `${name}.log`)
  const log = openSync(logFile, 'w')
  const script = join(ROOT, options.program ?? PROGRAMS[name])
  const [program, args] = pinned('server', [process.execPath, script])
  const started = performance.now()
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PORT: String(port),
      ...(environment ?? environmentOf(name, database, databasePort, pool)),
    },
  })
  closeSync(log)
  const stopWithParent = (): void => void child.kill('SIGTERM')
  process.once('exit', stopWithParent)
  const state: { ended?: string } = {}
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      state.ended = error.message
      resolve()
    })
    child.once('exit', (code, signal) => {
      process.removeListener('exit', stopWithParent)
      state.ended = `its process exited with ${signal ?? `code ${code}`}`
      resolve()
    })
  })
  async function stop(): Promise<void> {
    if (state.ended !== undefined) return
    child.kill('SIGTERM')
    const killTimer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(killTimer)
  }
  while (state.ended === undefined && performance.now() - started < START_TIMEOUT_MS) {
    if (await responds(port, PROBES[name])) {
      const startedMs = performance.now() - started
      // Taskwire serves calls before it has warmed up.
      if (name === 'taskwire') while (!(await responds(port, ['/health/ready']))) await pause(5)
      return { name, pid: child.pid ?? 0, port, startedMs, [Symbol.asyncDispose]: stop }
    }
    await pause(5)
  }
  const reason = state.ended ?? `it did not respond within ${START_TIMEOUT_MS / 1000} s`
  await stop()
  throw new Error(
    `${name} did not start: ${reason}. The last lines of its log (${logFile}):\n${tail(logFile)}\nFix this, or leave it out with --subject.`,
  )
}

// Each request uses the database. Statuses below 500 count as ready.
type Probe = [path: string, init?: RequestInit]
const PROBES: Record<Server, Probe> = {
  floor: [
    '/tasks/00000000-0000-0000-0000-000000000000',
    { headers: { 'x-user': '00000000-0000-0000-0000-000000000000' } },
  ],
  'fair-floor': ['/tasks', { headers: { authorization: 'Bearer x' } }],
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
  taskwire: ['/trpc/tasks.list?input=%7B%7D', { headers: { authorization: `Bearer ${'x'.repeat(32)}` } }],
}

async function responds(port: number, [path, init]: Probe): Promise<boolean> {
  try {
    const { status, body } = await fetch(`http://127.0.0.1:${port}${path}`, init)
    await body?.cancel()
    return status < 500
  } catch {
    return false
  }
}

export function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}

/**
 * Below the ports that systems assign by themselves: another process could get one of those before the subject does.
 */
const FIRST_PORT = 20_000
const PORTS = 10_000

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) =>
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
    )
    await new Promise((resolve) => server.close(resolve))
    if (isFree) return port
  }
}
