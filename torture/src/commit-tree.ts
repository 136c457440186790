import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Impossible } from './experiment.ts'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** Returns the full hash of a commit. Throws Impossible where this clone does not have it. */
export async function findCommit(name: string): Promise<string> {
  await git(['rev-parse', '--git-dir']).catch(() => {
    throw new Impossible(`${root} is not a clone of the repository, so commit ${name} cannot be checked out`)
  })
  return await git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(() => {
    throw new Impossible(`This clone has no commit ${name}. Run: git fetch --unshallow, or git fetch origin ${name}`)
  })
}

/** Writes the files of a commit to `directory`/tree and installs its packages. Does not change the repository. */
export async function checkOut(commit: string, directory: string): Promise<string> {
  const tree = join(directory, 'tree')
  const env = { GIT_INDEX_FILE: join(directory, 'index') }
  await git(['read-tree', commit], env)
  await git(['checkout-index', '--all', `--prefix=${tree}/`], env)
  const { code, output } = await runIn(tree, 'npm', ['run', '-s', 'setup', '--', '--prefer-offline'])
  if (code !== 0) throw new Error(`npm run setup of ${commit} failed with exit code ${code}: ${output.slice(-2000)}`)
  return tree
}

/** Runs a program to its end. */
export async function runIn(
  cwd: string,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  // Without these, a vitest started here would run as a worker of the vitest that runs this experiment.
  const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$|^TEST$/.test(name))
  const child = spawn(program, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, output }
}

async function git(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: root, env: { ...process.env, ...env } })
  return stdout.trim()
}
