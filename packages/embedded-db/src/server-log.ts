import { createReadStream } from 'node:fs'
import { open, rename, rm, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { errorCode } from './failure.ts'
import { openPrivate } from './private-file.ts'

const MAX_BYTES = 10 * 1024 * 1024
const TAIL_BYTES = 64 * 1024
const LOOK_MS = 2000

export interface ServerLog {
  path: string
  file: FileHandle
  /** where this start's lines begin; those of another start may stand between them */
  from: number
}

/** Opens `<directory>/postgres.log` for appending; a large one becomes `postgres.log.1`. */
export async function openServerLog(directory: string): Promise<ServerLog> {
  const path = join(directory, 'postgres.log')
  if ((await sizeOf(path)) > MAX_BYTES) await setAside(path)
  const file = await openPrivate(path, 'a+', directory)
  return { path, file, from: (await file.stat()).size }
}

/**
 * Keeps the log of a running server within bounds; the result ends that. The server holds the file open for
 * appending, so it is copied and then emptied: what is written in between is lost.
 */
export function keepLogBounded(path: string): () => Promise<void> {
  let moving: Promise<void> | undefined
  const look = (): void => {
    // What goes wrong, such as a directory that was removed, is looked at again.
    moving ??= moveIfLarge(path).then(
      () => (moving = undefined),
      () => (moving = undefined),
    )
  }
  const timer = setInterval(look, LOOK_MS)
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
    // Where there is no room for a copy, least of all may it go on growing.
    await truncate(path)
  }
}

/** What was logged since the log was opened, at most its last 64 KiB. */
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

/** The lines of one server process, which names itself in every line. */
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
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw error
  }
}

/** Another start may have done it in the meantime. */
async function setAside(path: string): Promise<void> {
  try {
    await rename(path, `${path}.1`)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
