import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Impossible } from './experiment.ts'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** The full hash of a commit that this clone has. */
export async function findCommit(name: string): Promise<string> {
  await git(['rev-parse', '--git-dir']).catch(() => {
    throw new Impossible(`${root} is not a clone of the repository: there is no ${name} to check out`)
  })
  return await git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(() => {
    throw new Impossible(`this clone has no commit ${name}: run git fetch --unshallow, or git fetch origin ${name}`)
  })
}

/** Writes the files of a commit to `directory`/tree, and installs its packages. The repository does not change. */
export async function checkOut(commit: string, directory: string): Promise<string> {
  const tree = join(directory, 'tree')
  const env = { GIT_INDEX_FILE: join(directory, 'index') }
  await git(['read-tree', commit], env)
  await git(['checkout-index', '--all', `--prefix=${tree}/`], env)
  const { code, said } = await runIn(tree, 'npm', ['run', '-s', 'setup', '--', '--prefer-offline'])
  if (code !== 0) throw new Error(`npm run setup of ${commit} ended with ${code}: ${said.slice(-2000)}`)
  return tree
}

/** Runs a program to its end; `said` is its output. */
export async function runIn(
  cwd: string,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; said: string }> {
  // A test runner that runs this, and one that is run by this, have nothing to do with each other.
  const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$|^TEST$/.test(name))
  const child = spawn(program, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, said }
}

async function git(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: root, env: { ...process.env, ...env } })
  return stdout.trim()
}
