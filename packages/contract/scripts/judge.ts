import { isDeepStrictEqual } from 'node:util'
import { compareContracts } from './compare/compare-contracts.ts'
import { describe } from './compare/difference.ts'
import type { Snapshot } from './compare/snapshot.ts'
import { compareVersions, majorOf, parseVersion } from './versions.ts'

export interface Verdict {
  /** Reasons not to merge the contract. */
  readonly problems: string[]
  /** What would break clients of a newer release candidate. This may be merged. */
  readonly notes: string[]
}

/** Compares the contract with the newest final release, and with the newest candidate if that is newer still. */
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

/** Different contracts must not share a version. */
function versionProblems(final: Snapshot, current: Snapshot): string[] {
  const order = compareVersions(current.version, final.version)
  const released = { ...final, version: current.version }
  if (order > 0 || (order === 0 && isDeepStrictEqual(released, current))) return []
  return [
    `The contract has changed since ${final.version}, but its version is ${current.version}, which is not newer. Raise ` +
      'the minor version for an addition, or the patch version if only wording changed: run `npm run -s set-version`.',
  ]
}
