import { execFile } from 'node:child_process'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const web = join(import.meta.dirname, '../../web')

/** Builds the front end, and copies it to a directory. Returns the directories of the packages that it contains. */
export async function copyFrontEnd(directory: string): Promise<string[]> {
  await promisify(execFile)(process.execPath, [join(web, 'scripts/build.ts'), '--if-changed'])
  await cp(join(web, 'dist/page'), directory, { recursive: true })
  // The build writes the paths of directories.
  return JSON.parse(await readFile(join(web, 'dist/packages.json'), 'utf8')) as string[]
}
