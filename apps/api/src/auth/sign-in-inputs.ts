import { LIMITS, accountName, codePoints, emailAddress as email, timeZone } from '@taskwire/contract'
import { z } from 'zod'
import { parseInput } from '../trpc/parse-input.ts'
import { refusal } from './sign-in-replies.ts'

/** The longest body of a request to /auth. */
export const SIGN_IN_BODY_BYTES: number = 16 * 1024
export const BODY_TOO_LONG = `The body is longer than ${SIGN_IN_BODY_BYTES} bytes.`

/** A password of 128 characters has at most this many UTF-16 units, in any normal form. */
const PASSWORD_UNITS = 8 * LIMITS.passwordMax

// Each schema checks the length first, since the other checks cost more than linear time.
const tooLong = { error: `is longer than ${LIMITS.passwordMax} characters` }
const password = z
  .string({ error: 'is not text' })
  .max(PASSWORD_UNITS, { ...tooLong, abort: true })
  .refine((s) => s.isWellFormed(), { error: 'holds half of a surrogate pair; send whole characters', abort: true })
  // scrypt's HMAC pads short keys with NULs. Otherwise `a` with seven NULs would be long enough, and the same as `a`.
  .refine((s) => !s.includes('\0'), { error: 'contains a NUL character; remove it', abort: true })
  // Keyboards compose the same password differently (NIST SP 800-63B).
  .overwrite((s) => s.normalize('NFKC'))
  .refine((s) => codePoints(s) <= LIMITS.passwordMax, tooLong)
const newPassword = password.refine((s) => codePoints(s) >= LIMITS.passwordMin, {
  error: `is shorter than ${LIMITS.passwordMin} characters`,
})

export const signUpInput = z.strictObject({
  email,
  password: newPassword,
  name: accountName,
  timeZone: timeZone.default('UTC'),
})
export const signInInput = z.strictObject({ email, password })
export const passwordChangeInput = z.strictObject({
  currentPassword: password,
  newPassword,
  // If the old password was stolen, the other sessions may belong to the thief.
  revokeOtherSessions: z.literal(true, { error: 'is not true; a new password ends every other session' }).default(true),
})
export const passwordResetInput = z.strictObject({
  token: z.string({ error: 'is not text' }),
  password: newPassword,
})

/** Returns the parsed input, or a Response with the error. */
export async function readInput(request: Request, schema: z.ZodType): Promise<unknown> {
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? ''))
    return refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON, with content-type: application/json.')
  let value: unknown
  try {
    const bytes = await request.arrayBuffer()
    if (bytes.byteLength > SIGN_IN_BODY_BYTES) return refusal(413, 'PAYLOAD_TOO_LARGE', BODY_TOO_LONG)
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return refusal(400, 'VALIDATION', 'The body is not JSON in UTF-8.')
  }
  const parsed = parseInput(schema, value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const problems = fields.map((field) => `${field.path || 'the input'}: ${field.message}`).join('; ')
  return refusal(400, 'VALIDATION', `The input is not valid: ${problems}`, { fields })
}
