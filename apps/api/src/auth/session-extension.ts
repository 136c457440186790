import type { Caller } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'

const DAY_MS = 24 * 60 * 60 * 1000
const EXTENDED_BELOW_MS = 6 * DAY_MS

/** Extends a session in use that has less than six days left. */
export type ExtendSession = (caller: Caller, expiresAt: string | null, log: FastifyBaseLogger) => void

/** The extension is nobody's to wait for; one that fails is tried again by the next call. */
export function createSessionExtension(extendSession: (credential: Uint8Array) => Promise<void>): ExtendSession {
  const underWay = new Set<string>()
  return ({ credential }, expiresAt, log) => {
    if (expiresAt === null || Date.parse(expiresAt) - Date.now() > EXTENDED_BELOW_MS) return
    const key = Buffer.from(credential).toString('base64')
    if (underWay.has(key)) return
    underWay.add(key)
    extendSession(credential)
      .catch((error: unknown) => log.warn({ err: error }, 'could not extend a session'))
      .finally(() => underWay.delete(key))
  }
}
