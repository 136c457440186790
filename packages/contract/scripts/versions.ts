/** A version of the contract: `1.2.3`, or a candidate for it, `1.2.3-rc.4`. */
export interface Version {
  /**
   * Major, minor, patch, and the candidate's number: Infinity for a final version, which comes after its candidates.
   */
  readonly parts: readonly [number, number, number, number]
  readonly isFinal: boolean
}

export function parseVersion(text: string): Version {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-rc\.(\d+))?$/.exec(text)
  if (match === null) throw new Error(`${text} is not a version, written 1.2.3 or 1.2.3-rc.4`)
  const [, major, minor, patch, candidate] = match
  const isFinal = candidate === undefined
  return { parts: [Number(major), Number(minor), Number(patch), isFinal ? Infinity : Number(candidate)], isFinal }
}

/** Negative if `a` comes before `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a).parts, parseVersion(b).parts]
  const at = left.findIndex((part, nr) => part !== right[nr])
  return at === -1 ? 0 : Number(left[at]) - Number(right[at])
}

export const majorOf = (version: string): number => parseVersion(version).parts[0]
