/** Creates an error of this package. Its message names the thing, the reason and the remedy, in this order. */
export function failure(message: string, cause?: unknown): Error {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause })
  error.name = 'TaskwireTestingError'
  return error
}

export const codeOf = (error: unknown): unknown => (error instanceof Error ? Reflect.get(error, 'code') : undefined)
