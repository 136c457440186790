import type { ApiKey, Scope } from '@taskwire/client'

/** What keys may do, in the order in which it is shown. */
export const SCOPES: readonly { scope: Scope; name: string; hint: string }[] = [
  { scope: 'tasks:read', name: 'Read', hint: 'your tasks and lists' },
  { scope: 'tasks:write', name: 'Read and change', hint: 'your tasks and lists' },
  { scope: 'account', name: 'Account', hint: 'your name and time zone, and the list of keys' },
]

/** Says what a key may do: `Read, Account`. */
export function scopeWords({ scopes }: Pick<ApiKey, 'scopes'>): string {
  return scopes.map((scope) => SCOPES.find((each) => each.scope === scope)?.name ?? scope).join(', ')
}
