/** Written by `npm run contract:write` from contract.json. */
export const CONTRACT_HASH = 'fc266429bb6ee272'
