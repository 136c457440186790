import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestDatabase } from '@taskwire/db/testing'
import { makeTemplate, TEST_SERVER } from '@taskwire/db/testing'
import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { signUp } from '@taskwire/client'

/** A directory of one test, gone with it. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'taskwire-api-'))
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** The service as a process of its own. */
export interface Main extends AsyncDisposable {
  child: ChildProcess
  /** What it has said so far. */
  said(): string
  /** Its log. */
  log(): string
  /** Resolves when it has said this; rejects when it ends before. */
  says(words: RegExp): Promise<RegExpMatchArray>
  /** Where it listens. */
  url(): Promise<string>
  /** Sends the signal; gives the exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  ended: Promise<number | NodeJS.Signals | null>
}

/** Starts it in this directory, with no other setting than these. */
export function startMain({ cwd, env = {} }: { cwd: string; env?: Record<string, string> }): Main {
  const { PATH, HOME, TMPDIR } = process.env
  const inherited = Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined)
  const child = spawn(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url))], {
    cwd,
    env: { ...Object.fromEntries(inherited), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [log, said] = ['', '']
  const heard = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (log += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
    for (const listener of heard) listener()
  })
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode)
  const main: Main = {
    child,
    said: () => said,
    log: () => log,
    async says(words) {
      const { promise, resolve } = Promise.withResolvers<RegExpMatchArray>()
      const listener = (): void => {
        const match = said.match(words)
        if (match !== null) resolve(match)
      }
      heard.add(listener)
      listener()
      const gone = ended.then((code) =>
        Promise.reject(new Error(`Ended with ${code} before it said ${words}: ${said}`)),
      )
      return await Promise.race([promise, gone])
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

/** Runs taskwire-admin, and gives its child: so that a test may kill it. */
export function spawnAdmin(args: readonly string[], env: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  return spawn(process.execPath, [fileURLToPath(new URL('../admin.ts', import.meta.url)), ...args], {
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs taskwire-admin to its end; rejects with what it said where it fails. */
export async function runAdmin(args: readonly string[], env: Record<string, string>): Promise<string> {
  const child = spawnAdmin(args, env)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`taskwire-admin ${args[0]} ended with ${child.exitCode}: ${said}`)
  return said
}

/** A PostgreSQL of one test file, with the roles; its databases are made as in the tests that share one. */
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

/** The settings for a service on this database, reached by another port where one is given. */
export function settingsFor(database: TestDatabase, port = database.app.port): Record<string, string> {
  const by = (login: 'taskwire_app' | 'taskwire_auth'): string =>
    database.url(login).replace(`:${database.app.port}/`, `:${port}/`)
  return {
    DATABASE_URL: by('taskwire_app'),
    DATABASE_AUTH_URL: by('taskwire_auth'),
    TASKWIRE_SECRET: 'a secret of tests that is long enough',
  }
}

/** A line to a database that can be cut and mended: on a port that stays the same. */
export interface Line extends AsyncDisposable {
  port: number
  cut(): Promise<void>
  mend(): Promise<void>
}

/** Cut at first. Where it leads is looked up for each connection: a server may come back on another port. */
export async function lineTo({ app }: { app: { host: string; port: number } }): Promise<Line> {
  const sockets = new Set<Socket>()
  let server: Server | undefined
  let port = 0
  const line: Line = {
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
      const opened = createServer((near) => {
        const far = connect(app.port, app.host)
        for (const socket of [near, far]) {
          sockets.add(socket)
          socket
            .on('error', () => {})
            .on('close', () => {
              sockets.delete(socket)
              near.destroy()
              far.destroy()
            })
        }
        near.pipe(far).pipe(near)
      })
      server = opened
      await new Promise<void>((resolve, reject) => opened.once('error', reject).listen(port, '127.0.0.1', resolve))
      const address = opened.address()
      port = typeof address === 'object' && address !== null ? address.port : 0
    },
    [Symbol.asyncDispose]: async () => await line.cut(),
  }
  // To have a port of its own.
  await line.mend()
  await line.cut()
  return line
}

let people = 0
export async function signUpAt(url: string): Promise<{ token: string; id: string }> {
  const { token, user } = await signUp({
    url,
    email: `user${++people}@example.com`,
    password: 'correct horse',
    name: 'A',
  })
  return { token, id: user.id }
}
