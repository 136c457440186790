/** Written by `npm run contract:write` from contract.json. */
export const CONTRACT_HASH = 'd8e40b3eb2197dcc'
