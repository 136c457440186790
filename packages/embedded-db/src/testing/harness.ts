import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
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
import { startEmbeddedDatabase } from '../index.ts'
import type { EmbeddedDatabase, EmbeddedDatabaseOptions } from '../index.ts'
import { holderOf } from '../holder.ts'
import { readPidFile } from '../pid-file.ts'
import { waitFor } from '../wait.ts'

export interface TemporaryDirectory extends AsyncDisposable {
  path: string
  /** where the test puts its database; not made yet */
  directory: string
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'embedded-db-'))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 })
  return { path, directory: join(path, 'db'), [Symbol.asyncDispose]: remove }
}

/** A cluster made once for a test file, to be copied: quicker than initdb for each test. */
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
  /** ends the process as a user would, and waits for it */
  release(): Promise<void>
}

/** Starts a process and does not wait for its database. */
export function spawnHolder(
  options: EmbeddedDatabaseOptions,
  extra: { leave?: boolean; env?: Record<string, string>; prefix?: readonly string[] } = {},
): ChildProcess {
  const script = fileURLToPath(new URL('hold-database.ts', import.meta.url))
  const own = [process.execPath, script, JSON.stringify(options), extra.leave ? 'leave' : 'hold']
  const [program = '', ...args] = [...(extra.prefix ?? []), ...own]
  return spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...extra.env },
  })
}

/** Starts a database in another process; rejects with what that process wrote when it fails. */
export async function holdDatabase(...args: Parameters<typeof spawnHolder>): Promise<Holder> {
  const child = spawnHolder(...args)
  let [stdout, stderr, over] = ['', '', false]
  // When all that it wrote has come, too.
  const ended = once(child, 'close').then(() => (over = true))
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  try {
    await until('the other process to print its database', () => {
      if (over && !stdout.includes('\n')) throw new Error(stderr)
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

/** Whether this is root on Linux, and the binaries are such as every user may run. */
export async function nobodyMayRunPostgres(): Promise<boolean> {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false
  const postgres = join(await findBinDirectory(undefined), 'postgres')
  const argv = ['setpriv', '--reuid', '65534', '--clear-groups', postgres, '--version']
  return (await runCommand(argv, waitFor(10_000, undefined))).ok
}

/** An environment where `unshare` fails, as it does where user namespaces are forbidden: root's server is nobody's. */
export async function withoutNamespaces(path: string): Promise<Record<string, string>> {
  const bin = join(path, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'unshare'), '#!/bin/sh\necho "unshare failed" >&2\nexit 1\n', { mode: 0o755 })
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
}

/** Waits until a first start has begun to make its cluster. */
export async function untilInitdbWorks(directory: string): Promise<void> {
  await until('initdb to be at work', async () => {
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
    (await holderOf({ pid, startedAt: undefined }, join(directory, 'data'))) !== 'server'
  await until(`server ${pid} to end`, isGone)
}

/** One statement on a connection of its own. */
export async function query<T extends object>(database: { adminUrl: string }, statement: string): Promise<T[]> {
  const sql = postgres(database.adminUrl, { max: 1, onnotice: () => {} })
  try {
    return await sql.unsafe<T[]>(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
