import type { TestService } from '../service.ts'

/** The keys that the operator makes, with their scopes; a recording has them as secrets of these names. */
const SERVICE_KEYS = { 'service key': 'tasks:read,tasks:write', 'users key': 'users' } as const

/** The secret of each. */
export type ServiceKeys = Record<keyof typeof SERVICE_KEYS, string>

export async function addServiceKeys(service: TestService): Promise<ServiceKeys> {
  const added = Object.entries(SERVICE_KEYS).map(async ([name, scopes]) => [name, await service.addServiceKey(scopes)])
  // The same names.
  return Object.fromEntries(await Promise.all(added)) as ServiceKeys
}
