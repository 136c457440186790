import { randomBytes } from 'node:crypto'
import { link, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, failure, unlessMissing } from './failure.ts'
import { openPrivate } from './private-file.ts'

/** Returns the superuser's password, or undefined before the first start. */
export async function readPassword(directory: string): Promise<string | undefined> {
  const path = join(directory, 'password')
  const password = (await unlessMissing(readFile(path, 'utf8')))?.trim()
  if (password !== '') return password
  throw failure({
    what: `password file ${path}`,
    why: 'it is empty',
    remedy: `Write the password of the user postgres into it, or move ${directory} away to start with an empty database`,
  })
}

/**
 * Returns the password of the directory, or creates one. The file is written elsewhere and then linked into place. Of
 * several starts at once, only the first link succeeds, so all starts use the same password.
 */
export async function ensurePassword(directory: string, workDirectory: string): Promise<string> {
  const existing = await readPassword(directory)
  if (existing !== undefined) return existing
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
