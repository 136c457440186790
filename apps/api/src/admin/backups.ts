import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type Address, backUp, restore } from '@taskwire/db'
import { counted } from './counted.ts'
import { fileReason } from './file-errors.ts'

/** Writes a backup into a new file, which gets its name once it is complete. */
export async function backUpTo(file: string, owner: Address, note: (line: string) => void): Promise<void> {
  if (existsSync(file)) throw new Error(`${file} already exists: use another name, or move that file.`)
  const partial = `${file}.partial`
  const gzip = createGzip({ level: 3 })
  // A killed run may have left a partial file.
  await rm(partial, { force: true }).catch((error: unknown) => {
    throw withFileReason(`The backup ${file} cannot be written`, error)
  })
  const writing = pipeline(gzip, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }))
  const read = async (): Promise<number> => {
    const onTable = (table: string, rows: number): void => note(`${table}: ${counted(rows, 'row')}`)
    const tables = await backUp({ address: owner, to: gzip, onTable })
    gzip.end()
    return Object.values(tables).reduce((sum, { rows }) => sum + rows, 0)
  }
  try {
    const [, rows] = await Promise.all([writing, read()])
    await rename(partial, file)
    note(
      `Wrote ${file}: ${counted(rows, 'row')}. It contains the data and the password hashes of all users: keep it secret.`,
    )
  } catch (error) {
    gzip.destroy()
    // On a full disk, writing fails first, and the error that reading throws then does not contain the cause.
    const cause = await writing.then(
      () => error,
      (reason: unknown) => (reason instanceof Error && 'syscall' in reason ? reason : error),
    )
    await rm(partial, { force: true }).catch(() => {})
    throw withFileReason(`The backup ${file} cannot be written`, cause)
  }
}

function withFileReason(what: string, error: unknown): unknown {
  const reason = fileReason(error)
  return reason === undefined ? error : new Error(`${what}: ${reason}.`, { cause: error })
}

/** Restores a backup into the owner's database, which must be migrated and empty. */
export async function restoreFrom(
  file: string,
  { owner, exact, note }: { owner: Address; exact: boolean; note(line: string): void },
): Promise<void> {
  const from = createGunzip()
  const reading = pipeline(createReadStream(file), from)
  // restore(), which reads the stream, throws the error.
  reading.catch(() => {})
  try {
    const onTable = (table: string, rows: number): void => note(`${table}: ${counted(rows, 'row')}`)
    const { at, tables, back } = await restore({ address: owner, from, exact, onTable })
    const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0)
    note(`Restored ${counted(rows, 'row')} as of ${at}; their checksums match the backup.`)
    note(
      `Sessions and password reset links are not part of a backup: all users have to sign in again. Deletions, revocations and changes after that time are undone: the database has ${counted(back.accounts, 'account')} with the passwords of that time, and ${counted(back.keys, 'user key')} and ${counted(back.serviceKeys, 'service key')} that have not expired. Repeat the deletions and revocations that are needed; service-key list prints the service keys.`,
    )
  } catch (error) {
    throw withFileReason(`The backup ${file} cannot be read`, error)
  } finally {
    from.destroy()
  }
}
