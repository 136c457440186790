import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeTemplate, TEST_SERVER, type TestDatabase } from '@taskwire/db/testing'
import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { signUp } from '@taskwire/client'
import { adminCommand, serviceCommand } from './programs.ts'

/** Creates a directory that is deleted when it is disposed. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'taskwire-api-'))
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** The service as a process of its own. */
export interface ServiceProcess extends AsyncDisposable {
  child: ChildProcess
  /** Everything that it has printed to stderr. */
  stderr(): string
  /** The service's log (stdout). */
  log(): string
  /** Resolves when stderr matches. Rejects if the process ends before. */
  says(pattern: RegExp): Promise<RegExpMatchArray>
  /** Returns the URL that it listens on. */
  url(): Promise<string>
  /** Sends the signal; returns the exit code, or the signal that ended the process. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  ended: Promise<number | NodeJS.Signals | null>
}

/** Starts the service in this directory, with only these settings. */
export function startServiceProcess({ cwd, env = {} }: { cwd: string; env?: Record<string, string> }): ServiceProcess {
  const { PATH, HOME, TMPDIR } = process.env
  const inherited = Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined)
  const [program, ...args] = serviceCommand(env)
  const child = spawn(program, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), PORT: '0', WARM_UP: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [log, stderr] = ['', '']
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (log += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    for (const listener of listeners) listener()
  })
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode)
  const main: ServiceProcess = {
    child,
    stderr: () => stderr,
    log: () => log,
    async says(pattern) {
      const { promise, resolve } = Promise.withResolvers<RegExpMatchArray>()
      const listener = (): void => {
        const match = stderr.match(pattern)
        if (match !== null) resolve(match)
      }
      listeners.add(listener)
      listener()
      const exited = ended.then((code) =>
        Promise.reject(new Error(`The process exited with ${code} before it printed ${pattern}: ${stderr}`)),
      )
      return await Promise.race([promise, exited])
    },
    url: async () => (await main.says(/Taskwire is at (\S+)/))[1] ?? '',
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      return await ended
    },
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
  return main
}

/** Starts taskwire-admin, and returns its process, so that a test can kill it. */
export function spawnAdmin(args: readonly string[], env: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const [program, ...first] = adminCommand
  return spawn(program, [...first, ...args], {
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs taskwire-admin, and returns its output. If it fails, rejects with an error that contains the output. */
export async function runAdmin(args: readonly string[], env: Record<string, string>): Promise<string> {
  const child = spawnAdmin(args, env)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`taskwire-admin ${args[0]} exited with ${child.exitCode}: ${output}`)
  return output
}

/** Starts a PostgreSQL for one test file, with the roles and the template of test databases. */
export async function startPostgres(): Promise<AsyncDisposable> {
  const directory = await temporaryDirectory()
  const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
  const server = await startEmbeddedDatabase({
    directory: directory.path,
    durable: false,
    settings: { synchronous_commit: 'on' },
    ...(binDirectory === undefined ? {} : { binDirectory }),
  })
  process.env[TEST_SERVER] = server.adminUrl
  await makeTemplate(server.adminUrl)
  return {
    async [Symbol.asyncDispose]() {
      await server.stop()
      await directory[Symbol.asyncDispose]()
    },
  }
}

/** Returns the settings for a service on this database, reached at another port if one is given. */
export function settingsFor(database: TestDatabase, port = database.app.port): Record<string, string> {
  const urlOf = (login: 'taskwire_app' | 'taskwire_auth'): string =>
    database.url(login).replace(`:${database.app.port}/`, `:${port}/`)
  return {
    DATABASE_URL: urlOf('taskwire_app'),
    DATABASE_AUTH_URL: urlOf('taskwire_auth'),
    TASKWIRE_SECRET: 'a secret of tests that is long enough',
  }
}

/** A TCP proxy to a database. */
export interface DatabaseProxy extends AsyncDisposable {
  port: number
  /** Closes the proxy and all connections. */
  cut(): Promise<void>
  /** Opens the proxy, always on the same port. */
  mend(): Promise<void>
}

/** The proxy starts closed. It reads its target for each connection, since a server may restart on another port. */
export async function createDatabaseProxy({ app }: { app: { host: string; port: number } }): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  let server: Server | undefined
  let port = 0
  const line: DatabaseProxy = {
    get port() {
      return port
    },
    async cut() {
      for (const socket of sockets) socket.destroy()
      const closing = server
      server = undefined
      if (closing !== undefined) await new Promise((resolve) => closing.close(resolve))
    },
    async mend() {
      const opened = createServer((client) => {
        const upstream = connect(app.port, app.host)
        for (const socket of [client, upstream]) {
          sockets.add(socket)
          socket
            .on('error', () => {})
            .on('close', () => {
              sockets.delete(socket)
              client.destroy()
              upstream.destroy()
            })
        }
        client.pipe(upstream).pipe(client)
      })
      server = opened
      await new Promise<void>((resolve, reject) => opened.once('error', reject).listen(port, '127.0.0.1', resolve))
      const address = opened.address()
      port = typeof address === 'object' && address !== null ? address.port : 0
    },
    [Symbol.asyncDispose]: async () => await line.cut(),
  }
  // Opens once, to get a port.
  await line.mend()
  await line.cut()
  return line
}

let users = 0
export async function signUpAt(url: string): Promise<{ token: string; id: string }> {
  const { token, user } = await signUp({
    url,
    email: `user${++users}@example.com`,
    password: 'correct horse',
    name: 'A',
  })
  return { token, id: user.id }
}
