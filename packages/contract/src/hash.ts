/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '76e0d180ff38dd98'
