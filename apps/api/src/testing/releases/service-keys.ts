import type { TestService } from '../service.ts'

/** The scopes of the service keys, by the names under which a recording has their secrets. */
const SERVICE_KEYS = { 'service key': 'tasks:read,tasks:write', 'users key': 'users' } as const

/** The secret of each key. */
export type ServiceKeys = Record<keyof typeof SERVICE_KEYS, string>

export async function addServiceKeys(service: TestService): Promise<ServiceKeys> {
  const added = Object.entries(SERVICE_KEYS).map(async ([name, scopes]) => [name, await service.addServiceKey(scopes)])
  // The names are the same.
  return Object.fromEntries(await Promise.all(added)) as ServiceKeys
}
