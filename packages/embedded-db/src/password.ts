import { randomBytes } from 'node:crypto'
import { link, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, failure } from './failure.ts'
import { openPrivate } from './private-file.ts'

/** The superuser's password, or undefined before the first start. */
export async function readPassword(directory: string): Promise<string | undefined> {
  const path = join(directory, 'password')
  try {
    const password = (await readFile(path, 'utf8')).trim()
    if (password !== '') return password
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  throw failure({
    what: `password file ${path}`,
    why: 'it is empty',
    remedy: `Write the password of the user postgres into it, or move ${directory} away to begin with an empty database`,
  })
}

/**
 * The password of the directory, made if there is none. It is written in full elsewhere and then
 * linked into place, which fails for all but the first of several starts: all get the same one.
 */
export async function keepPassword(directory: string, workDirectory: string): Promise<string> {
  const kept = await readPassword(directory)
  if (kept !== undefined) return kept
  const password = randomBytes(24).toString('base64url')
  const draft = join(workDirectory, 'password')
  const file = await openPrivate(draft, 'wx', directory)
  try {
    await file.writeFile(`${password}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, join(directory, 'password'))
    return password
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    return (await readPassword(directory)) ?? password
  } finally {
    await unlink(draft)
  }
}
