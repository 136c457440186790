/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '3d636a3cb20b64e6'
