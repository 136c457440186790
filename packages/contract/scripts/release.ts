// Writes the contract as the release of its version, which later contracts are compared with.
import { CONTRACT_VERSION } from '../src/index.ts'
import { writeRelease } from './releases.ts'
import { contractJson } from './snapshot.ts'

console.log(`wrote ${writeRelease(CONTRACT_VERSION, contractJson())}`)
