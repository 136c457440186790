import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import {
  accountName,
  emailAddress,
  externalId as externalIdSchema,
  timeZone as timeZoneSchema,
} from '@taskwire/contract'
import type { Vouched } from '@taskwire/db'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'

/**
 * Says who the user of a request is: an issuer by its token, or a host by its own sign-in. What the database does with that user
 * is the same for all of them (`tw.authenticate()`).
 */
export interface Voucher<Request extends VouchedRequest = FastifyRequest> {
  /**
   * The user of a request; undefined if the request names none in this way. Throws an AppError if it does, and may not. A promise
   * only where it has to wait.
   */
  userOf(request: Request): Vouched | undefined | Promise<Vouched | undefined>
  /** The user, if it is known without any work. */
  recall?(request: VouchedRequest): Vouched | undefined
  /** True if browsers send the proof by themselves, as they send cookies: then pages of other origins may not call. */
  readonly isAmbient: boolean
}

export interface VouchedRequest {
  headers: IncomingHttpHeaders
}

/** What is known of a user elsewhere. */
export interface UserElsewhere {
  externalId: string
  name?: unknown
  email?: unknown
  timeZone?: unknown
}

/** For how long a user is vouched for, in milliseconds. */
type Until = Pick<Vouched, 'expiresAt' | 'freshUntil'>

/** Until when: the request alone. */
const ALWAYS: Until = { expiresAt: Infinity, freshUntil: Infinity }

/**
 * Returns the user; undefined if the id is not one that an account can have, as it is: two ids must not become one. Without an
 * issuer, this process vouches. A name, an address or a zone that is not valid counts as absent.
 */
export function vouchedUser(
  { externalId, name, email, timeZone }: UserElsewhere,
  issuer: string | null = null,
  until: Until = ALWAYS,
): Vouched | undefined {
  if (validOr(externalIdSchema, externalId) !== externalId) return undefined
  return {
    externalId,
    issuer: issuer === null ? null : createHash('sha256').update(issuer).digest(),
    name: validOr(accountName, name) ?? [...externalId].slice(0, 100).join('').trim(),
    email: validOr(emailAddress, email) ?? null,
    timeZone: validOr(timeZoneSchema, timeZone) ?? null,
    ...until,
  }
}

function validOr<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}
