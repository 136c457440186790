import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { UsageError } from '../flags.ts'

export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url))

const run = promisify(execFile)

/** Returns the full hash of a commit. Throws UsageError if this clone does not have it. */
export async function findCommit(name: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { cwd: ROOT })
    return stdout.trim()
  } catch (cause) {
    throw new UsageError(`This clone has no commit ${name}. Choose another one, or run git fetch --unshallow.`, {
      cause,
    })
  }
}

/** Writes the files of a commit to `directory`/tree and installs its packages. Leaves the repository as it is. */
export async function checkOut(commit: string, directory: string, signal: AbortSignal): Promise<string> {
  const tree = join(directory, 'tree')
  const options = { cwd: ROOT, signal, env: { ...process.env, GIT_INDEX_FILE: join(directory, 'index') } }
  await run('git', ['read-tree', commit], options)
  await run('git', ['checkout-index', '--all', `--prefix=${tree}/`], options)
  await run('npm', ['run', '-s', 'setup', '--', '--prefer-offline'], { cwd: tree, signal })
  return tree
}
