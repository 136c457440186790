/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '7e7e55fad966c458'
