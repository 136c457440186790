import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { CliError } from './exit.ts'
import { onFile } from './file-error.ts'
import type { Io } from './io.ts'

/** The stored login at one service. */
export interface StoredSession {
  token: string
  user: { id: string; email: string; name: string }
}

export interface Stored {
  version: 1
  /** The service of the last login. */
  current: string | null
  sessions: Record<string, StoredSession>
}

const EMPTY: Stored = { version: 1, current: null, sessions: {} }

/** `${XDG_CONFIG_HOME:-~/.config}/taskwire/credentials.json` */
export function credentialsPath(env: Io['env']): string {
  const configured = env['XDG_CONFIG_HOME']
  const home = env['HOME'] || homedir()
  const base = configured !== undefined && isAbsolute(configured) ? configured : join(home, '.config')
  return join(base, 'taskwire', 'credentials.json')
}

export async function readCredentials(path: string): Promise<Stored> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return EMPTY
    throw error
  }
  const stored = parse(text)
  if (stored === null)
    throw new CliError(
      `${path} is damaged, or was written by another version of this program. Delete it and sign in again.`,
    )
  return stored
}

function parse(text: string): Stored | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return null
  if (!('sessions' in value) || typeof value.sessions !== 'object' || value.sessions === null) return null
  const { current = null } = value as Partial<Stored>
  const sessions = Object.entries(value.sessions).filter((entry): entry is [string, StoredSession] =>
    isSession(entry[1]),
  )
  return { version: 1, current: typeof current === 'string' ? current : null, sessions: Object.fromEntries(sessions) }
}

function isSession(value: unknown): value is StoredSession {
  if (typeof value !== 'object' || value === null) return false
  const { token, user } = value as Partial<StoredSession>
  return typeof token === 'string' && typeof user?.id === 'string' && typeof user.email === 'string'
}

/** Writes a temporary file and renames it, so that the file is never half written. Only its owner can read it. */
export async function writeCredentials(path: string, stored: Stored): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const text = `${JSON.stringify(stored, null, 2)}\n`
    await onFile(path, writeFile(temporary, text, { mode: 0o600, flag: 'wx' }))
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Adds the session and makes its service the current one. */
export function withSession(stored: Stored, url: string, session: StoredSession): Stored {
  return { ...stored, current: url, sessions: { ...stored.sessions, [url]: session } }
}

/** Removes the session at a service; the current service stays. */
export function withoutSession(stored: Stored, url: string): Stored {
  const { [url]: _removed, ...sessions } = stored.sessions
  return { ...stored, sessions }
}
