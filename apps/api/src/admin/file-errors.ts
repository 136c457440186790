const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory; check the name',
  EACCES: 'this user is not permitted; change whose it is, or name another place',
  EPERM: 'this user is not permitted; change whose it is, or name another place',
  EEXIST: 'it exists, and is not a directory; name another place',
  EISDIR: 'it is a directory; name a file',
  ENOTDIR: 'a part of the path is not a directory; check the name',
  EROFS: 'the file system is read-only; name another place',
  ENOSPC: 'the disk is full; make room, or name another place',
  EDQUOT: 'the quota of the disk is used up; make room, or name another place',
}

/** Why a file or directory cannot be used, and what to do; undefined for any other error. */
export function fileReason(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? REASONS[code] : undefined
}
