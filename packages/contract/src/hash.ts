/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = 'a8e329334eda2f19'
