/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '98b49536c596527e'
