import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import { failure, unlessMissing } from './failure.ts'
import type { Launch } from './launcher.ts'
import { ensurePassword, readPassword } from './password.ts'
import type { Wait } from './wait.ts'

/** A complete data directory of the right major version, with the password of its superuser. */
export interface Cluster {
  directory: string
  data: string
  password: string
}

export interface ClusterPlan {
  directory: string
  binDirectory: string
  launch: Launch
  durable: boolean
}

const WORK_PREFIX = 'init-'

/**
 * Finds or creates the cluster. It is created in a temporary directory and renamed, so that `data` is either complete
 * or absent, even if a start is killed. If several first starts run at once, the first rename succeeds, and the other
 * starts remove their clusters.
 */
export async function ensureCluster(plan: ClusterPlan, wait: Wait): Promise<Cluster> {
  const data = join(plan.directory, 'data')
  if (!(await isUsableCluster(data, plan))) await createCluster(data, plan, wait)
  await removeLeftovers(plan.directory)
  const password = await readPassword(plan.directory)
  if (password !== undefined) return { directory: plan.directory, data, password }
  throw failure({
    what: `password file ${join(plan.directory, 'password')}`,
    why: `it is missing, but the database in ${data} needs it`,
    remedy: `Restore it, or move ${data} away to start with an empty database`,
  })
}

async function createCluster(data: string, plan: ClusterPlan, wait: Wait): Promise<void> {
  const work = await mkdtemp(join(plan.directory, WORK_PREFIX))
  try {
    const password = await ensurePassword(plan.directory, work)
    const passwordFile = join(work, 'initial-password')
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    await changeOwner(work, plan.launch, wait)
    await initialise(join(work, 'data'), passwordFile, plan, wait)
    await rename(join(work, 'data'), data)
  } catch (error) {
    // Another start was faster: it renamed its cluster first, or removed our work directory as a leftover.
    if (!(await isUsableCluster(data, plan))) throw error
  } finally {
    await removeQuietly(work)
  }
}

async function initialise(target: string, passwordFile: string, plan: ClusterPlan, wait: Wait): Promise<void> {
  const { launcher, version } = plan.launch
  const errors: string[] = []
  for (const locale of localeArguments(version.major)) {
    const argv = [
      ...launcher.prefix,
      join(plan.binDirectory, 'initdb'),
      `--pgdata=${target}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      ...locale,
      '--no-instructions',
      ...(plan.durable ? [] : ['--no-sync']),
    ]
    const { ok, error } = await runCommand(argv, wait)
    if (ok) return
    errors.push(error)
  }
  throw failure({
    what: `initdb in ${plan.directory}`,
    why: errors.join('; '),
    remedy: 'Remove the cause and start again; no partial files are left behind',
  })
}

/** PostgreSQL 17 and later have a built-in C.UTF-8. Earlier versions need the system's C.UTF-8, if it has one. */
function localeArguments(major: number): string[][] {
  if (major >= 17) return [['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']]
  return [['--locale=C.UTF-8'], ['--locale=C']]
}

/** Makes the user that the server runs as the owner of the files. */
export async function changeOwner(path: string, { launcher }: Launch, wait: Wait): Promise<void> {
  const user = launcher.runsAs
  if (!user || (await stat(path)).uid === user.uid) return
  const { ok, error } = await runCommand(['chown', '-R', `${user.uid}:${user.gid}`, path], wait)
  if (ok) return
  throw failure({
    what: `changing the owner of ${path} to user ${user.uid}`,
    why: error,
    remedy: 'Run as a user other than root, or change the owner by hand',
  })
}

/**
 * Returns false if `data` is absent or empty. Throws if it is anything else than a cluster of the right major version.
 */
async function isUsableCluster(data: string, { launch, binDirectory }: ClusterPlan): Promise<boolean> {
  const major = await readMajorVersion(data)
  if (major === undefined) return false
  if (major === String(launch.version.major)) return true
  throw failure({
    what: `data directory ${data}`,
    why: `it was created by PostgreSQL ${major}, but ${binDirectory} has PostgreSQL ${launch.version.version}`,
    remedy: `Move it away to start with an empty database, or dump it with PostgreSQL ${major} (binDirectory, pg_dumpall) and restore it into a new one`,
  })
}

async function readMajorVersion(data: string): Promise<string | undefined> {
  const version = await unlessMissing(readFile(join(data, 'PG_VERSION'), 'utf8'))
  if (version !== undefined) return version.trim()
  if ((await listDirectory(data)).length === 0) return undefined
  throw failure({
    what: `data directory ${data}`,
    why: 'it is not empty but has no PG_VERSION, so it is not a PostgreSQL database',
    remedy: 'Move it away, or choose another directory',
  })
}

/**
 * Removes the work directories of killed starts. If a start is still creating a cluster there, nothing is lost: the
 * cluster exists by now, so that start would discard its own.
 */
async function removeLeftovers(directory: string): Promise<void> {
  const names = (await listDirectory(directory)).filter((name) => name.startsWith(WORK_PREFIX))
  await Promise.all(names.map((name) => removeQuietly(join(directory, name))))
}

/** Removes a path, and ignores errors: a later start removes what is left. */
async function removeQuietly(path: string): Promise<void> {
  await Promise.allSettled([rm(path, { recursive: true, force: true, maxRetries: 3 })])
}

async function listDirectory(directory: string): Promise<string[]> {
  return (await unlessMissing(readdir(directory))) ?? []
}
