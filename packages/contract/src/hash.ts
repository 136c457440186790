/** Written by `npm run contract:write` from contract.json. */
export const CONTRACT_HASH = '06f44d2e3a5cdcb9'
