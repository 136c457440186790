/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '7ba5c173e530ee95'
