/** Written by `npm run contract:write` from contract.json. */
export const CONTRACT_HASH = '07dd152a5f9f19f5'
