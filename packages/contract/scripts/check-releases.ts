// Fails if the contract breaks clients of the newest final release, unless the major version was raised. If the
// contract breaks clients of a newer release candidate, it only prints how.
import type { Snapshot } from './compare/snapshot.ts'
import { judge } from './judge.ts'
import { readReleases } from './releases.ts'
import { contractJson } from './snapshot.ts'

// contract.json has the shape of a Snapshot.
const { problems, notes } = judge(JSON.parse(contractJson()) as Snapshot, readReleases())
for (const note of notes) console.log(note)
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error('docs/contract.md says what a deployed client relies on.')
  process.exitCode = 1
}
