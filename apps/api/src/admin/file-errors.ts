const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory; check the name',
  EACCES: 'permission denied; change its owner or mode, or use another path',
  EPERM: 'permission denied; change its owner or mode, or use another path',
  EEXIST: 'it exists and is not a directory; use another path',
  EISDIR: 'it is a directory; use the path of a file',
  ENOTDIR: 'a part of the path is not a directory; check the name',
  EROFS: 'the file system is read-only; use another path',
  ENOSPC: 'the disk is full; free some space, or use another path',
  EDQUOT: 'the disk quota is used up; free some space, or use another path',
}

/** Returns why a file or directory cannot be used and what to do; undefined for other errors. */
export function fileReason(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? REASONS[code] : undefined
}
