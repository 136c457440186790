import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import { errorCode, failure } from './failure.ts'
import type { Launch } from './launcher.ts'
import { keepPassword, readPassword } from './password.ts'
import type { Wait } from './wait.ts'

/** A data directory that is complete, of our major version, with the password of its superuser. */
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
 * Finds or makes the cluster. It is made in a directory of its own and renamed into place, so
 * `data` is whole or absent whenever a start is killed. Of several first starts one rename wins;
 * the others drop what they made.
 */
export async function ensureCluster(plan: ClusterPlan, wait: Wait): Promise<Cluster> {
  const data = join(plan.directory, 'data')
  if (!(await holdsCluster(data, plan))) await makeCluster(data, plan, wait)
  await removeLeftovers(plan.directory)
  const password = await readPassword(plan.directory)
  if (password !== undefined) return { directory: plan.directory, data, password }
  throw failure({
    what: `password file ${join(plan.directory, 'password')}`,
    why: `it is missing, and ${data} holds a database that needs it`,
    remedy: `Put it back, or move ${data} away to begin with an empty database`,
  })
}

async function makeCluster(data: string, plan: ClusterPlan, wait: Wait): Promise<void> {
  const work = await mkdtemp(join(plan.directory, WORK_PREFIX))
  try {
    const password = await keepPassword(plan.directory, work)
    const passwordFile = join(work, 'initial-password')
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    await giveAway(work, plan.launch, wait)
    await initialise(join(work, 'data'), passwordFile, plan, wait)
    await rename(join(work, 'data'), data)
  } catch (error) {
    // Another start was first: its rename won, or it took our work for a leftover.
    if (!(await holdsCluster(data, plan))) throw error
  } finally {
    await removeQuietly(work)
  }
}

async function initialise(target: string, passwordFile: string, plan: ClusterPlan, wait: Wait): Promise<void> {
  const { launcher, version } = plan.launch
  const complaints: string[] = []
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
    const { ok, complaint } = await runCommand(argv, wait)
    if (ok) return
    complaints.push(complaint)
  }
  throw failure({
    what: `initdb in ${plan.directory}`,
    why: complaints.join('; '),
    remedy: 'Remove the cause and start again; nothing half-made is left behind',
  })
}

/** From 17 on the server brings Unicode rules of its own; before, C.UTF-8 is the system's to have. */
function localeArguments(major: number): string[][] {
  if (major >= 17) return [['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']]
  return [['--locale=C.UTF-8'], ['--locale=C']]
}

/** Gives files to the user the server runs as, where that is another one. */
export async function giveAway(path: string, { launcher }: Launch, wait: Wait): Promise<void> {
  const user = launcher.runsAs
  if (!user || (await stat(path)).uid === user.uid) return
  const { ok, complaint } = await runCommand(['chown', '-R', `${user.uid}:${user.gid}`, path], wait)
  if (ok) return
  throw failure({
    what: `giving ${path} to user ${user.uid}`,
    why: complaint,
    remedy: 'Run as another user than root, or give it to that user by hand',
  })
}

/** Whether `data` is a cluster these binaries can serve; throws where it is anything else. */
async function holdsCluster(data: string, { launch, binDirectory }: ClusterPlan): Promise<boolean> {
  const made = await madeBy(data)
  if (made === undefined) return false
  if (made === String(launch.version.major)) return true
  throw failure({
    what: `data directory ${data}`,
    why: `it was made by PostgreSQL ${made}, and ${binDirectory} is PostgreSQL ${launch.version.version}`,
    remedy: `Move it away to begin with an empty database, or dump it under PostgreSQL ${made} (binDirectory, pg_dumpall) and restore it into a new one`,
  })
}

async function madeBy(data: string): Promise<string | undefined> {
  try {
    return (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  if ((await listing(data)).length === 0) return undefined
  throw failure({
    what: `data directory ${data}`,
    why: 'it is not empty and holds no PG_VERSION, so it is no PostgreSQL database',
    remedy: 'Move it away, or give another directory',
  })
}

/**
 * Removes what killed first starts left. The cluster exists by now, so a start that still works on
 * its own has lost already and will find out.
 */
async function removeLeftovers(directory: string): Promise<void> {
  const names = (await listing(directory)).filter((name) => name.startsWith(WORK_PREFIX))
  await Promise.all(names.map((name) => removeQuietly(join(directory, name))))
}

/** What cannot be removed now does no harm and is removed by a later start. */
async function removeQuietly(path: string): Promise<void> {
  await Promise.allSettled([rm(path, { recursive: true, force: true, maxRetries: 3 })])
}

async function listing(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
