/** Invalid arguments. The message is for the user. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export function readNumber(flag: string, text: string | undefined, fallback: number, min: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isFinite(value) || value < min)
    throw new UsageError(`${flag} must be a number of at least ${min}, not ${text ?? value}.`)
  return value
}

export function readInteger(flag: string, text: string | undefined, fallback: number, min: number): number {
  const value = readNumber(flag, text, fallback, min)
  if (!Number.isInteger(value)) throw new UsageError(`${flag} must be a whole number, not ${text ?? value}.`)
  return value
}
