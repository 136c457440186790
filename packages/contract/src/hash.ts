/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = '4d69796233a7170e'
