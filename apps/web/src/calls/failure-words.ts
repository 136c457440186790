import { isTaskwireError } from '@taskwire/client'

/** Says why a call failed and what to do, for people who use the page. */
export function failureWords(error: unknown): string {
  if (!isTaskwireError(error)) return error instanceof Error ? error.message : String(error)
  switch (error.appCode) {
    case 'NETWORK':
    case 'TIMEOUT':
    case 'UNAVAILABLE':
      return 'The service cannot be reached. Check your connection, and try again.'
    case 'OVERLOADED':
      return 'The service is busy. Try again in a moment.'
    case 'RATE_LIMITED':
      return `Too many attempts. Try again in ${waitWords(error.retryAfterMs)}.`
    case 'UNAUTHENTICATED':
      return 'Your session has ended. Sign in again.'
    case 'CONTRACT_MISMATCH':
      return 'This page is older than the service. Reload it.'
    case 'VALIDATION':
      return error.fields.map(({ path, message }) => `${path} ${message}`).join('; ') || error.message
    default:
      return error.message
  }
}

/** Says how long to wait, rounded up: `40 seconds`, `3 minutes`; `a moment` if the service does not say. */
export function waitWords(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return 'a moment'
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
  if (seconds === 1) return '1 second'
  if (seconds < 90) return `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}
