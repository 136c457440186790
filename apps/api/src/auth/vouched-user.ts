import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import {
  accountName,
  emailAddress,
  externalId as externalIdSchema,
  timeZone as timeZoneSchema,
} from '@taskwire/contract'
import type { Vouched } from '@taskwire/db'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { parseInput } from '../trpc/parse-input.ts'

/**
 * Vouches for users whom Taskwire does not sign in itself: says who the user of a request is, by the JWT of an issuer
 * or by the sign-in of a host. For the database, users of both kinds are the same (`tw.authenticate()`).
 */
export interface Voucher<Request extends VouchedRequest = FastifyRequest> {
  /**
   * Returns the user of a request; undefined if the request has no proof of this kind. Throws if the proof is invalid,
   * and a ForgedProof if it was made up. Returns a promise only if it has to wait. `limit` runs the check, perhaps later.
   */
  userOf(
    request: Request,
    limit?: (check: ProofCheck) => Promise<Vouched>,
  ): Vouched | undefined | Promise<Vouched | undefined>
  /** Returns the user of a request if the proof was verified before and is still remembered. */
  recall?(request: VouchedRequest): Vouched | undefined
  /** True if browsers send the proof by themselves, like a cookie. Pages of other origins may then not call with it. */
  readonly isAmbient: boolean
}

/** Checks a proof, such as the signature of a token. */
export type ProofCheck = () => Promise<Vouched>

/** The refusal of a proof that was made up. It counts as a bad credential of its network. */
export class ForgedProof extends AppError {
  constructor(message: string, cause: unknown) {
    super('UNAUTHENTICATED', message, { cause })
  }
}

export interface VouchedRequest {
  headers: IncomingHttpHeaders
}

/** A request of Fastify. `raw` identifies it: once a host has assigned `headers`, each read of them is a new object. */
export interface IncomingRequest extends VouchedRequest {
  raw: IncomingMessage
}

/** What the issuer or the host knows about a user. */
export interface UserElsewhere {
  externalId: string
  name?: unknown
  email?: unknown
  timeZone?: unknown
}

/** Until when a user is vouched for, in milliseconds since 1970. */
type Until = Pick<Vouched, 'expiresAt' | 'freshUntil'>

/** For a voucher that is asked again for each request. */
const ALWAYS: Until = { expiresAt: Infinity, freshUntil: Infinity }

/**
 * Returns the user; undefined if no account can have exactly this id: an id is not trimmed or normalised, since two ids
 * could become one. Without an issuer, this process vouches. An invalid name, e-mail address or time zone is ignored.
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
  const parsed = parseInput(schema, value)
  return parsed.success ? parsed.data : undefined
}
