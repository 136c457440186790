import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { unlessMissing } from './failure.ts'
import { openPrivate } from './private-file.ts'

const MAX_BYTES = 10 * 1024 * 1024
const TAIL_BYTES = 64 * 1024
const CHECK_MS = 2000

export interface ServerLog {
  path: string
  file: FileHandle
  /** The offset at which the lines of this start begin. Lines of other starts may be among them. */
  from: number
}

/** Opens `<directory>/postgres.log` for appending. A file above 10 MiB is first renamed to `postgres.log.1`. */
export async function openServerLog(directory: string): Promise<ServerLog> {
  const path = join(directory, 'postgres.log')
  // Another start may have renamed the file already.
  if ((await sizeOf(path)) > MAX_BYTES) await unlessMissing(rename(path, `${path}.1`))
  const file = await openPrivate(path, 'a+', directory)
  return { path, file, from: (await file.stat()).size }
}

/**
 * Limits the size of a running server's log, until the returned function is called. The server has the file open for
 * appending, so the file is copied and then truncated. Lines written in between are lost.
 */
export function limitLogSize(path: string): () => Promise<void> {
  let moving: Promise<void> | undefined
  const check = (): void => {
    // Errors, such as a removed directory, are ignored; the next check tries again.
    moving ??= moveIfLarge(path).then(
      () => (moving = undefined),
      () => (moving = undefined),
    )
  }
  const timer = setInterval(check, CHECK_MS)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await moving
  }
}

async function moveIfLarge(path: string): Promise<void> {
  const size = await sizeOf(path)
  if (size <= MAX_BYTES) return
  try {
    await rm(`${path}.1`, { force: true })
    const copy = await openPrivate(`${path}.1`, 'wx', dirname(path))
    await pipeline(createReadStream(path, { end: size - 1 }), copy.createWriteStream())
  } finally {
    // Truncated even if the copy failed, for instance because the disk is full.
    await truncate(path)
  }
}

/** Returns the lines logged since the log was opened, at most the last 64 KiB. */
export async function readServerLog(log: ServerLog): Promise<string> {
  const size = await sizeOf(log.path)
  const from = Math.max(log.from, size - TAIL_BYTES)
  const buffer = Buffer.alloc(Math.max(0, size - from))
  const file = await open(log.path, 'r')
  try {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Returns the lines of one server process. Each line contains the pid of its process. */
export function linesOfProcess(text: string, pid: number): string {
  const mark = ` [${pid}] `
  return text
    .split('\n')
    .filter((line) => line.includes(mark))
    .join('\n')
}

export function lastLines(text: string, count = 20): string {
  return text.trim().split('\n').slice(-count).join('\n')
}

async function sizeOf(path: string): Promise<number> {
  return (await unlessMissing(stat(path)))?.size ?? 0
}
