import { isTaskwireError, type TaskwireError } from '@taskwire/client'
import { StoreError } from '@taskwire/client/store'
import { nameOfField } from './field-names.ts'

/** Said of a part of the app that could not be loaded. */
export const NOT_LOADED = 'This part could not be loaded. Check your connection, and reload.'

/** What browsers and the bundler say then. */
const LOADING_FAILED = /dynamically imported module|importing a module script|unable to preload/iu

/** Says why a call failed and what to do, for people who use the page. */
export function failureWords(error: unknown): string {
  if (isTaskwireError(error)) return callWords(error)
  if (error instanceof StoreError) return troubleWords(error)
  const message = error instanceof Error ? error.message : String(error)
  return LOADING_FAILED.test(message) ? NOT_LOADED : message
}

function callWords(error: TaskwireError): string {
  if (error.appCode === 'RATE_LIMITED') return `Too many attempts. Try again in ${waitWords(error.retryAfterMs)}.`
  if (error.appCode === 'VALIDATION' && error.fields.length > 0)
    return error.fields.map(({ path, message }) => `${nameOfField(path)} ${message}.`).join(' ')
  return troubleWords({ code: error.appCode, message: error.message })
}

/** Says what is in the way of a call or of the store. */
export function troubleWords({ code, message }: { code: string; message: string }): string {
  switch (code) {
    case 'NETWORK':
    case 'TIMEOUT':
    case 'UNAVAILABLE':
      return 'The service cannot be reached. Check your connection, and try again.'
    case 'OVERLOADED':
      return 'The service is busy. Try again in a moment.'
    case 'RATE_LIMITED':
      return 'Too many attempts. Try again in a moment.'
    case 'UNAUTHENTICATED':
      return 'Your session has ended. Sign in again.'
    case 'CONTRACT_MISMATCH':
    case 'OUTDATED':
      return 'This page is out of date. Reload it.'
    case 'STORAGE_FULL':
      return 'Not saved: this device has no space left. Free some, and try again.'
    case 'STORAGE_FAILED':
      return 'Not saved: the browser does not let this page store data. Allow it in the browser’s settings, and reload.'
    case 'BLOCKED':
      return 'Another tab has an older version of this page. Close or reload it.'
    case 'UNSUPPORTED':
      return 'This browser cannot store your tasks. Use a current one, and an address that begins with https://.'
    default:
      return message
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
