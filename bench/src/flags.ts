/** Wrong use; the message says what is wrong. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export function number(flag: string, text: string | undefined, otherwise: number, least: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!Number.isFinite(value) || value < least)
    throw new UsageError(`${flag} ${text ?? ''} is not a number of ${least} or more.`)
  return value
}

export function whole(flag: string, text: string | undefined, otherwise: number, least: number): number {
  const value = number(flag, text, otherwise, least)
  if (!Number.isInteger(value)) throw new UsageError(`${flag} ${text ?? ''} is not a whole number.`)
  return value
}
