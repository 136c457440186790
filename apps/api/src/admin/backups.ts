import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type Address, backUp, restore } from '@taskwire/db'
import { fileReason } from './file-errors.ts'

/** Writes a backup into a new file, which appears under its name when it is whole. */
export async function backUpTo(file: string, owner: Address, note: (line: string) => void): Promise<void> {
  if (existsSync(file)) throw new Error(`${file} exists: give the backup another name, or move that away.`)
  const partial = `${file}.partial`
  const gzip = createGzip({ level: 3 })
  // Of a run that was killed, a part may be there.
  await rm(partial, { force: true }).catch((error: unknown) => {
    throw inWords(`The backup ${file} cannot be written`, error)
  })
  const written = pipeline(gzip, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }))
  const read = async (): Promise<number> => {
    const tables = await backUp({ address: owner, to: gzip, onTable: (table, rows) => note(`${table}: ${rows} rows`) })
    gzip.end()
    return Object.values(tables).reduce((sum, { rows }) => sum + rows, 0)
  }
  try {
    const [, rows] = await Promise.all([written, read()])
    await rename(partial, file)
    note(`Wrote ${file}: ${rows} rows. It holds everybody's data and the hashes of their passwords: keep it secret.`)
  } catch (error) {
    gzip.destroy()
    // A full disk fails the writing first, of which the reading then only tells that it is over.
    const cause = await written.then(
      () => error,
      (reason: unknown) => (reason instanceof Error && 'syscall' in reason ? reason : error),
    )
    await rm(partial, { force: true }).catch(() => {})
    throw inWords(`The backup ${file} cannot be written`, cause)
  }
}

function inWords(what: string, error: unknown): unknown {
  const reason = fileReason(error)
  return reason === undefined ? error : new Error(`${what}: ${reason}.`, { cause: error })
}

/** Puts a backup into the owner's database, which is migrated and empty. */
export async function restoreFrom(
  file: string,
  { owner, exact, note }: { owner: Address; exact: boolean; note(line: string): void },
): Promise<void> {
  const from = createGunzip()
  const reading = pipeline(createReadStream(file), from)
  // What it fails of, the reader of the text is told.
  reading.catch(() => {})
  try {
    const onTable = (table: string, rows: number): void => note(`${table}: ${rows} rows`)
    const { at, tables, back } = await restore({ address: owner, from, exact, onTable })
    const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0)
    note(`Restored ${rows} rows as they were at ${at}; their hashes are those of the backup.`)
    note(
      `Every session has ended, and every link to a new password: they are in no backup. What was erased, revoked or changed after that time is back: ${back.accounts} accounts with the passwords that they had then, ${back.keys} keys of users and ${back.serviceKeys} service keys that have not expired. Erase and revoke again what must not be there; service-key list shows the service keys.`,
    )
  } catch (error) {
    throw inWords(`The backup ${file} cannot be read`, error)
  } finally {
    from.destroy()
  }
}
