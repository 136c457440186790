import { CONTRACT_HASH } from './hash.ts'

/** The version of the contract, by its own rules (docs/contract.md). */
export const CONTRACT_VERSION = '1.0.0'

/** What clients send as `X-Taskwire-Contract`: the version, and the hash of contract.json. */
export const CONTRACT_HEADER: string = `${CONTRACT_VERSION}; hash=${CONTRACT_HASH}`

export { CONTRACT_HASH }
