import { isDeepStrictEqual } from 'node:util'
import { compareContracts } from './compare/compare-contracts.ts'
import { describe } from './compare/difference.ts'
import type { Snapshot } from './compare/snapshot.ts'
import { compareVersions, majorOf, parseVersion } from './versions.ts'

export interface Verdict {
  /** What may not be merged. */
  readonly problems: string[]
  /** What has changed since a release candidate, which binds nobody. */
  readonly notes: string[]
}

/** Compares the contract with the newest final release, and with a candidate that is newer. */
export function judge(current: Snapshot, releases: readonly Snapshot[]): Verdict {
  const newestFirst = releases.toSorted((a, b) => compareVersions(b.version, a.version))
  const final = newestFirst.find(({ version }) => parseVersion(version).isFinal)
  const [newest] = newestFirst
  const candidate = newest !== final ? newest : undefined
  return {
    problems:
      final === undefined ? [] : [...breaking(final, current, 'Breaks clients of'), ...versionProblems(final, current)],
    notes: candidate === undefined ? [] : breaking(candidate, current, 'Would break clients of the candidate'),
  }
}

function breaking(release: Snapshot, current: Snapshot, what: string): string[] {
  if (majorOf(current.version) > majorOf(release.version)) return []
  return describe(compareContracts(release, current)).map((line) => `${what} ${release.version}: ${line}`)
}

/** Two contracts never have one version. */
function versionProblems(final: Snapshot, current: Snapshot): string[] {
  const order = compareVersions(current.version, final.version)
  const released = { ...final, version: current.version }
  if (order > 0 || (order === 0 && isDeepStrictEqual(released, current))) return []
  return [
    `The contract has changed since ${final.version}, and its version is ${current.version}. ` +
      'Raise the minor version for an addition, the patch version for a correction of words: `npm run -s set-version`.',
  ]
}
