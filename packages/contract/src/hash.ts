/** Written by `npm run contract:write` from contract.json. */
export const CONTRACT_HASH = 'c81eb302e77996b9'
