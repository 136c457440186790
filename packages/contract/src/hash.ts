/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '3f8f89029a2e11b3'
