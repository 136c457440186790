import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from './failure.ts'

/** The content of `postmaster.pid`. A field is undefined until the server has written it. */
export interface PidFile {
  path: string
  text: string
  pid: number | undefined
  /** Milliseconds since 1970. */
  startedAt: number | undefined
  port: number | undefined
  sharedMemory: { key: string; id: string } | undefined
  /** 'starting', 'ready', 'stopping' or 'standby'. */
  status: string | undefined
}

export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const path = join(data, 'postmaster.pid')
  const text = await unlessMissing(readFile(path, 'utf8'))
  if (text === undefined) return undefined
  const lines = text.split('\n')
  const seconds = parseInteger(lines[2])
  const [, key, id] = /^\s*(\d+)\s+(\d+)\s*$/.exec(lines[6] ?? '') ?? []
  return {
    path,
    text,
    pid: parseInteger(lines[0]),
    startedAt: seconds === undefined ? undefined : seconds * 1000,
    port: parseInteger(lines[3]),
    sharedMemory: key === undefined || id === undefined ? undefined : { key, id },
    status: lines[7]?.trim(),
  }
}

function parseInteger(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? '', 10)
  return Number.isNaN(value) ? undefined : value
}

/** True if two texts of the file are from the same start of a server. Ignores the status, which changes. */
export function isSameStart(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => text.split('\n').slice(0, 7).join('\n'))
  return first === second
}
