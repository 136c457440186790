/** Written by `npm run contract:write` from contract.json. */
export const CONTRACT_HASH = 'dc83ff9907b23c6f'
