/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = 'a42206092a9bac57'
