/** Written by `npm run contract:write` from contract.json. */
export const CONTRACT_HASH = '4bcd767aa35020fd'
