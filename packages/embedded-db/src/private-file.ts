import { type FileHandle, open, stat } from 'node:fs/promises'

/**
 * Opens a file with mode 0600. When run as root, gives the file to the directory's owner, who may start the database
 * next.
 */
export async function openPrivate(path: string, flags: 'a+' | 'wx', directory: string): Promise<FileHandle> {
  const file = await open(path, flags, 0o600)
  if (process.geteuid?.() !== 0) return file
  try {
    const { uid, gid } = await stat(directory)
    await file.chown(uid, gid)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
