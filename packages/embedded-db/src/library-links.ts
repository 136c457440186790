import { access, readFile, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { errorCode, unlessMissing } from './failure.ts'

/** A symbolic link at `target` to `source`, both below the package. */
interface Link {
  source: string
  target: string
}

/**
 * Creates the links among PostgreSQL's libraries, which an npm archive cannot contain. The package's install script does
 * so too, but package managers such as pnpm do not run it unless they are told to.
 */
export async function createLibraryLinks(packageDirectory: string): Promise<void> {
  const text = await unlessMissing(readFile(join(packageDirectory, 'native/pg-symlinks.json'), 'utf8'))
  if (text === undefined) return
  // Written by the package, in this form.
  const links = JSON.parse(text) as Link[]
  const last = links.at(-1)
  if (last === undefined || (await exists(join(packageDirectory, last.target)))) return
  for (const { source, target } of links)
    try {
      await symlink(relative(dirname(target), source), join(packageDirectory, target))
    } catch (error) {
      // Another process creates them at the same time, or may do so and this one may not.
      if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) throw error
    }
}

async function exists(path: string): Promise<boolean> {
  return (await unlessMissing(access(path).then(() => true))) ?? false
}
