/** Written by `pnpm contract:write` from contract.json. */
export const CONTRACT_HASH = 'bcc86b7a66ecb6fb'
