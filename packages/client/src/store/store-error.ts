/**
 * - `UNSUPPORTED`: this browser, or this page, has no IndexedDB, Web Locks or BroadcastChannel.
 * - `STORAGE_FULL`: the browser gives the page no more space.
 * - `STORAGE_FAILED`: the browser could not read or write; private windows and settings of users can block storage.
 * - `OUTDATED`: a newer version of the page uses this store: reload the page.
 * - `BLOCKED`: another tab keeps an older version of the store open: close or reload it.
 * - `CLOSED`: the store was closed.
 * - `OTHER_ACCOUNT`: another account is signed in.
 * - `NOT_FOUND`: there is no such task, list or edit.
 * - `IN_TRASH`: the task is in the trash.
 * - `UNSENT`: there are edits that the service has not got.
 */
export type StoreErrorCode =
  | 'UNSUPPORTED'
  | 'STORAGE_FULL'
  | 'STORAGE_FAILED'
  | 'OUTDATED'
  | 'BLOCKED'
  | 'CLOSED'
  | 'OTHER_ACCOUNT'
  | 'NOT_FOUND'
  | 'IN_TRASH'
  | 'UNSENT'

/** An error of the store itself. What the service refuses is in the store's `sync`. */
export class StoreError extends Error {
  override name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Converts what IndexedDB threw. */
export function storageError(thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown
  const { name, message } = thrown as Partial<Error>
  const why = `${name ?? 'Error'}: ${message ?? String(thrown)}`
  switch (name) {
    case 'QuotaExceededError':
      return new StoreError('STORAGE_FULL', `The browser has no space left for the store (${why}); free some`, thrown)
    case 'VersionError':
      return new StoreError('OUTDATED', 'A newer version of this page uses the store; reload the page', thrown)
    default:
      return new StoreError(
        'STORAGE_FAILED',
        `The browser's storage failed (${why}); check that the browser lets this page store data`,
        thrown,
      )
  }
}
