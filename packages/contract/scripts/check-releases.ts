// Fails if the contract breaks the clients of the newest final release, unless its major version grew. Only prints what
// breaks those of a newer release candidate.
import type { Snapshot } from './compare/snapshot.ts'
import { judge } from './judge.ts'
import { readReleases } from './releases.ts'
import { contractJson } from './snapshot.ts'

// The shape of contract.json.
const { problems, notes } = judge(JSON.parse(contractJson()) as Snapshot, readReleases())
for (const note of notes) console.log(note)
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error('docs/contract.md says what a deployed client relies on.')
  process.exitCode = 1
}
