/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '532f4a683c6ca569'
