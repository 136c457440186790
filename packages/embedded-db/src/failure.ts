/** Creates an error of this package. Its message names the thing, the reason and the remedy, in this order. */
export function failure(parts: { what: string; why: string; remedy: string }, cause?: unknown): Error {
  const why = parts.why.trim().replace(/[.\s]+$/, '')
  const message = `${parts.what}: ${why}. ${parts.remedy}.`
  const error = cause === undefined ? new Error(message) : new Error(message, { cause })
  error.name = 'EmbeddedDatabaseError'
  return error
}

export const OTHER_DATABASE = 'set DATABASE_URL to the URL of a PostgreSQL server, version 15 to 18'

/** Returns the `code` of a file system, spawn or PostgreSQL error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Resolves with undefined if a file or directory does not exist. */
export async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || (errorCode(error) ?? error.name) : String(error)
}
