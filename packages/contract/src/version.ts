import { CONTRACT_HASH } from './hash.ts'

/** The version of the contract; docs/contract.md says what raises it. */
export const CONTRACT_VERSION = '1.0.0-rc.1'

/** The header `X-Taskwire-Contract` of clients: the version, and the hash of contract.json. */
export const CONTRACT_HEADER: string = `${CONTRACT_VERSION}; hash=${CONTRACT_HASH}`

export { CONTRACT_HASH }
