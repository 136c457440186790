import { nameKey } from '@taskwire/importers'

/** True if a tag or the name of a list is among others, in whatever case. */
export const isIn = (names: readonly string[], name: string): boolean =>
  names.some((other) => nameKey(other) === nameKey(name))
