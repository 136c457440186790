const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or directory; check the name',
  EACCES: 'permission denied; check who owns it',
  EPERM: 'permission denied; check who owns it',
  EISDIR: 'is a directory; name a file',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}

/** Adds the path to errors of `work` that have none, such as errors of writing. */
export async function onFile<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && !('path' in error)) Object.assign(error, { path })
    throw error
  }
}

/** Returns why a file could not be read or written. */
export function fileReason(code: string): string {
  return REASONS[code] ?? `cannot be used (${code})`
}
