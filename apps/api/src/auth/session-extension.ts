import type { Caller } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'

const DAY_MS = 24 * 60 * 60 * 1000
const EXTENDED_BELOW_MS = 6 * DAY_MS

/** Extends the caller's session if it expires in less than six days. */
export type ExtendSession = (caller: Caller, expiresAt: string | null, log: FastifyBaseLogger) => void

/** Extends sessions without delaying their calls. If that fails, the session's next call retries. */
export function createSessionExtension(extendSession: (credential: Uint8Array) => Promise<void>): ExtendSession {
  const inProgress = new Set<string>()
  return ({ credential }, expiresAt, log) => {
    if (expiresAt === null || Date.parse(expiresAt) - Date.now() > EXTENDED_BELOW_MS) return
    const key = Buffer.from(credential).toString('base64')
    if (inProgress.has(key)) return
    inProgress.add(key)
    extendSession(credential)
      .catch((error: unknown) => log.warn({ err: error }, 'could not extend a session'))
      .finally(() => inProgress.delete(key))
  }
}
