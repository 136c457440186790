/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '192b25d4f1604cad'
