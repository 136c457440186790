import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll } from 'vitest'
import { findBinDirectory } from '../binaries.ts'
import { runCommand } from '../command.ts'
import { type EmbeddedDatabase, type EmbeddedDatabaseOptions, startEmbeddedDatabase } from '../index.ts'
import { findPidOwner } from '../pid-owner.ts'
import { readPidFile } from '../pid-file.ts'
import { waitFor } from '../wait.ts'

export interface TemporaryDirectory extends AsyncDisposable {
  path: string
  /** The directory for the test's database; it does not exist yet. */
  directory: string
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'embedded-db-'))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 })
  return { path, directory: join(path, 'db'), [Symbol.asyncDispose]: remove }
}

/** Creates a cluster once per test file. The returned function copies it, which is faster than initdb for each test. */
export async function clusterTemplate(): Promise<() => Promise<TemporaryDirectory>> {
  const template = await temporaryDirectory()
  afterAll(() => template[Symbol.asyncDispose]())
  const database = await startEmbeddedDatabase({ directory: template.directory, durable: false })
  await database.stop()
  return async () => {
    const place = await temporaryDirectory()
    await cp(template.directory, place.directory, { recursive: true })
    return place
  }
}

export interface Holder extends AsyncDisposable {
  process: ChildProcess
  database: Pick<EmbeddedDatabase, 'adminUrl' | 'port' | 'reused' | 'version'>
  /** Ends the process in an orderly way and waits for it. */
  release(): Promise<void>
}

/** Starts a process that starts a database; does not wait for the database. */
export function spawnHolder(
  options: EmbeddedDatabaseOptions,
  extra: { leave?: boolean; env?: Record<string, string>; prefix?: readonly string[] } = {},
): ChildProcess {
  const script = fileURLToPath(new URL('hold-database.ts', import.meta.url))
  const command = [process.execPath, script, JSON.stringify(options), extra.leave ? 'leave' : 'hold']
  const [program = '', ...args] = [...(extra.prefix ?? []), ...command]
  return spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...extra.env },
  })
}

/** Starts a database in another process. Rejects with its stderr if it fails. */
export async function holdDatabase(...args: Parameters<typeof spawnHolder>): Promise<Holder> {
  const child = spawnHolder(...args)
  let [stdout, stderr, hasEnded] = ['', '', false]
  // `close` fires after all output has been read.
  const ended = once(child, 'close').then(() => (hasEnded = true))
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  try {
    await until('the other process to print its database', () => {
      if (hasEnded && !stdout.includes('\n')) throw new Error(stderr)
      return stdout.includes('\n')
    })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  async function release(): Promise<void> {
    child.stdin?.end()
    await ended
  }
  const database = JSON.parse(stdout) as Holder['database']
  return { process: child, database, release, [Symbol.asyncDispose]: release }
}

/** True if this process is root on Linux and every user may run the binaries. */
export async function nobodyMayRunPostgres(): Promise<boolean> {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false
  const postgres = join(await findBinDirectory(undefined), 'postgres')
  const argv = ['setpriv', '--reuid', '65534', '--clear-groups', postgres, '--version']
  return (await runCommand(argv, waitFor(10_000))).ok
}

/**
 * Returns an environment in which `unshare` fails, so that root has no user namespaces and runs the server as nobody.
 */
export async function withoutNamespaces(path: string): Promise<Record<string, string>> {
  const bin = join(path, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'unshare'), '#!/bin/sh\necho "unshare failed" >&2\nexit 1\n', { mode: 0o755 })
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
}

/** Waits until a first start is creating its cluster. */
export async function untilInitdbRuns(directory: string): Promise<void> {
  await until('initdb to run', async () => {
    const names = await readdir(directory, { recursive: true }).catch(() => [])
    return names.some((name) => name.endsWith('data/base'))
  })
}

/** Polls until the condition holds; fails after 20 s. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 20 s for ${what}`)
    await delay(10)
  }
}

export async function serverPid(directory: string): Promise<number> {
  const pid = (await readPidFile(join(directory, 'data')))?.pid
  if (pid === undefined) throw new Error(`no server runs on ${directory}`)
  return pid
}

export async function untilServerIsGone(directory: string, pid: number): Promise<void> {
  const isGone = async (): Promise<boolean> =>
    (await findPidOwner({ pid, startedAt: undefined }, join(directory, 'data'))) !== 'server'
  await until(`server ${pid} to end`, isGone)
}

/** Runs a statement on a new connection. */
export async function query<T extends object>(database: { adminUrl: string }, statement: string): Promise<T[]> {
  const sql = postgres(database.adminUrl, { max: 1, onnotice: () => {} })
  try {
    return await sql.unsafe<T[]>(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
